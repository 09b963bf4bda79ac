"""The options of the verb `region`: the answers that make a region's entry, and how its file is read."""

from __future__ import annotations

import argparse

from trainer.commands.argument_types import pair, whole_number


def add_region_answers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", "--name", required=True, help="its name: 1 to 32 letters, digits or _")
    parser.add_argument(
        "--csv",
        "--source",
        dest="source",
        metavar="FILE",
        required=True,
        help="text, workbook, JSON, XML, NEM12 or Parquet, a path or URL; the region's source from then on",
    )
    answers = parser.add_argument_group("answers; of country and timezone one is needed")
    answers.add_argument("--country", help="two letters, such as DE: its holidays, and its place")
    answers.add_argument("--timezone", help="an IANA name, such as Europe/Berlin")
    answers.add_argument("--subdivision", help="a part of the country with holidays of its own, such as BY")
    answers.add_argument("--latitude", type=float, help="degrees north (default: the zone's town)")
    answers.add_argument("--longitude", type=float, help="degrees east")
    answers.add_argument("--title", help="as people call it (default: its name)")
    answers.add_argument(
        "--weather", nargs="*", metavar="NAME", help="default: temperature and humidity, if there"
    )
    answers.add_argument(
        "--column",
        dest="columns",
        action="append",
        type=pair,
        metavar="HEADER=NAME",
        help="which header is time, demand, reference or a weather, where it does not tell itself",
    )
    file = parser.add_argument_group("how the file is read, where it does not tell itself: docs/formats.md")
    file.add_argument("--stamp", choices=["start", "end"], help="which of an interval a time names")
    file.add_argument("--stamp-timezone", metavar="ZONE", help="UTC, an IANA name, or standard")
    file.add_argument("--time-format", metavar="FORMAT", help="such as %%d.%%m.%%Y %%H:%%M")
    file.add_argument(
        "--unit", help="kW, MW, GW, MWh per interval, 万kW; --unit=-MW where consumption is below zero"
    )
    file.add_argument("--decimal", choices=[".", ","])
    file.add_argument("--delimiter")
    file.add_argument("--encoding")
    file.add_argument("--skip-lines", type=whole_number, metavar="N", help="lines above the header")
    file.add_argument("--missing", nargs="+", metavar="MARK", help="cells that say that nothing is known")
    file.add_argument(
        "--date-columns", nargs="+", metavar="HEADER", help="columns that hold the time together"
    )
    file.add_argument(
        "--where",
        action="append",
        type=pair,
        metavar="HEADER=VALUE",
        help="the rows of one series of several; of values given one by one the series are added up",
    )
    file.add_argument(
        "--demand", nargs="+", metavar="HEADER", help="columns whose sum is demand, such as zones"
    )
    file.add_argument(
        "--wide", action="store_true", default=None, help="a row is a day, with a column for each hour"
    )
    parser.add_argument(
        "--plot", metavar="PNG", help="the series as a picture (default: region-<name>.png in this folder)"
    )
