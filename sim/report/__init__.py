"""One HTML page of several results, that can be sent to anybody and needs nothing but a browser."""

from sim.report.explained import explained
from sim.report.html import check_page, live_page, page

__all__ = ["check_page", "explained", "live_page", "page"]
