"""Organisation (机构与人员): units, groups, duty, delegation, responsibility; their administration."""
