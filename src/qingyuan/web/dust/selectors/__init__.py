"""Questions about dust sources; who is looking comes first."""

from qingyuan.web.dust.selectors.near import SiteNear, SourceWeight, probable_sources, sites_near

__all__ = ["SiteNear", "SourceWeight", "probable_sources", "sites_near"]
