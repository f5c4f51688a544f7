"""What mutations put in: numbers, texts and pieces of JSON and XML that readers stumble over."""

NUMBERS = [
    "0", "-0", "1", "-1", "0.1", "-0.00", "1e400", "-1e400", "1E+5", "1e-400", "1.", ".5", "1e", "--1", "+1",
    "9" * 40, "9" * 400, "1" + "0" * 5000, "00012", " 1 ", "1_000", "0x10", "1,000", "१२", "１", "²",
    "inf", "NaN", "Infinity", "16383", "16384", "1048576", "1048577", "2147483648", "-2147483649",
    "4294967296", "18446744073709551616",
]  # fmt: skip

WORDS = [
    "", " ", "\u00a0", "A", "R", "P", "N", "Y", "true", "null", "Accepted", "27ZZZCS1101B1ZH",
    "27ZZZCK4501A1ZH", "31-02-2026", "01-04-2026", "2026-04-01", "042026", "132026", "=1+1", "@SUM(A1)",
    "x" * 300, "x" * 33_000, "क्षि\u200d", "\u202eright", "e\u0301", "\U0001f468\u200d\U0001f469", "_x0007_",
    "_x000D_", "_xD83D_", "_x005F_x0041_", "../../etc/passwd", "A1", "XFD1048576", "XFE1", "A1:XFD1048576",
    "key:b2b", "status", "ims", "\ufeff", "\ufffe", "\u2028", "<b>", "&amp;", "%s", "{0}", "C:\\x", "İ", "ß",
    "ǅ",
]  # fmt: skip

RAW = [
    b"\x00", b"\x07", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b"\r",
    b"\n", b"\x1b",
]  # fmt: skip

KEYS = [
    "stin", "ctin", "inum", "nt_num", "rtnprd", "val", "iamt", "action", "remarks", "itcRedReq",
    "itc_red_req", "data", "b2b", "impg",
]  # fmt: skip

JSON_PIECES = [
    b"[]", b"{}", b"null", b"true", b"{", b"}", b"[", b"]", b",", b":", b'""', b'"stin":1,', b'"b2b":[],',
    b"//", b"NaN", b"-Infinity", b"[" * 900, b'{"a":' * 900, b'"\\ud800"', b'"\\u0000"', b'"\\', b"\\u00e9",
    b'"data":', b'"imsDetailsErr":{},', b'"invdata":[],', b'"gstin":{"a":1,"a":2},', b'"rtin":1,',
    b'"gstin":"",',
]  # fmt: skip

XML_PIECES = [
    b"<!-- c -->", b"<![CDATA[x]]>", b"<?x y?>", b"&#0;", b"&#7;", b"&#65;", b"&a;", b"&amp;", b"<x/>",
    b"</x>", b"<x>", b"\r\n", b"<", b"]]>", b'<!DOCTYPE x [<!ENTITY a "b">]>', b'<row r="7"/>',
    b'<c r="A7"><v>1</v></c>', b"<v/>", b"<is><t/></is>", b"<f>1+1</f>", b'<c t="s"><v>-1</v></c>',
    b'<c r="B7" t="e"><v>#N/A</v></c>', b"<row><c><v>1</v></c></row>", b"</sheetData>", b"<sheetData/>",
    b'<filterColumn colId="1"/>', b'<mergeCell ref="A6:B9"/>', b"<v>2</v>", b'<c r="C7"/>',
]  # fmt: skip
