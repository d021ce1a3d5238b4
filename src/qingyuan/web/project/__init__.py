"""The project (工程): Django's settings, addresses, middleware, and the worker process.

Room: how the apps are put together; nothing else imports it.
Knows: settings, the order of middlewares, which app answers which address.
Never knows: what any page says.
Sources: design.md §3; GB/T 22239-2019 8.1.4.
"""
