# The workbook of BenchmarkRead in openpyxl; see bench.R for how it is written.
#   python3 bench.py /tmp/large.xlsx
import sys
import time

import openpyxl

for read_only in (True, False):
    wall, cpu = time.time(), time.process_time()
    book = openpyxl.load_workbook(sys.argv[1], read_only=read_only)
    rows = list(book.active.iter_rows(values_only=True))
    print("openpyxl %s%s: %d x %d, %.2f s, %.2f s of processor" % (
        openpyxl.__version__, " read-only" if read_only else "", len(rows) - 1, len(rows[0]), time.time() - wall, time.process_time() - cpu))
