package main

import "strconv"

// tables returns the tables of the report by the names used in text.md.
func tables() map[string]table {
	const op = "ns/op"
	return map[string]table{
		"call": {
			measurement{pkg: "./internal/proof", bench: "^BenchmarkCall$", time: "2s"},
			[]row{{"baseline", "bare `net/http` and `encoding/json`: the baseline"}, {"b24", "`b24.Call`"}},
			[]column{ratio(op), value("time", op, nanoseconds), value("allocations", "allocs/op", grouped), value("bytes", "B/op", kibibytes)},
		},
		"masking":      maskingTable("regexp", "one `regexp`: the baseline", "text", "without the secrets of a client", "secrets", "with them"),
		"hard masking": maskingTable("hard, 8 KiB", "15 texts of 8 KiB: the baseline", "hard, 64 KiB", "15 texts of 64 KiB"),
		"limits": {
			measurement{pkg: "./internal/limit", bench: "^BenchmarkLimits$", time: "1s"},
			[]row{
				{"rate", "`Wait` of `golang.org/x/time/rate`: the baseline"},
				{"bucket", "budget of requests"},
				{"guard", "guard of the operating time"},
				{"guard of fifty", "the same for a batch of 50 commands"},
			},
			[]column{ratio(op), value("time", op, inNanoseconds), value("allocations", "allocs/op", grouped)},
		},
		"decode": {
			measurement{pkg: "./internal/proof", bench: "^BenchmarkBatchDecode$", time: "1s"},
			[]row{
				{"direct json/v2", "one direct decode by json/v2: the baseline"},
				{"b24", "`b24.Pending` of 50 commands"},
				{"nested encoding/json", "three nested passes of `encoding/json`"},
			},
			[]column{
				ratio(op), ratioOf("nested encoding/json", "ratio of the nested passes to it", op),
				value("time", op, nanoseconds), value("allocations", "allocs/op", grouped),
			},
		},
		"encode": {
			measurement{pkg: "./internal/proof", bench: "^BenchmarkBatchEncode$", time: "1s"},
			[]row{{"net/url", "50 query strings by `net/url`: the baseline"}, {"b24", "checked, encoded, sent and answered by `b24.Hook.CallBatch`"}},
			[]column{ratio(op), value("time", op, nanoseconds), value("allocations", "allocs/op", grouped)},
		},
		"commands": {
			measurement{pkg: "./internal/proof", bench: "^BenchmarkStreamBatch$", time: "1x"},
			[]row{{"baseline", "`net/url` and `encoding/json`, 50 at a time: the baseline"}, {"b24", "`b24.StreamBatch`"}},
			[]column{ratio("ns/command"), value("time for a command", "ns/command", inNanoseconds), value("heap", "MiB-heap", mebibytes)},
		},
		"rows":            rowsTable(),
		"lists 1000":      listsTable(1_000),
		"lists 100000":    listsTable(100_000),
		"lists 1000000":   listsTable(1_000_000),
		"within requests": boundTable("chained", "chained", "8 ranges", "8 ranges", "16 ranges, Enterprise", "16 ranges, Enterprise"),
		"within operating": boundTable("chained, operating limit", "chained", "8 ranges, operating limit", "8 ranges",
			"8 ranges, batches are charged", "8 ranges, batches are charged as a whole"),
	}
}

// pairs returns rows from alternating benchmarks and labels.
func pairs(texts []string) (rows []row) {
	for i := 0; i+1 < len(texts); i += 2 {
		rows = append(rows, row{texts[i], texts[i+1]})
	}
	return rows
}

func maskingTable(rows ...string) table {
	return table{
		measurement{pkg: "./internal/redact", bench: "^BenchmarkMasking$", time: "1s"},
		pairs(rows),
		[]column{ratio("ns/byte"), value("time for a byte", "ns/byte", nanoseconds), value("allocations", "allocs/op", grouped)},
	}
}

func rowsTable() table {
	return table{
		measurement{pkg: "./internal/proof", bench: "^BenchmarkListRows$", time: "1x", cpus: "1"},
		[]row{
			{"net/http, json/v2", "bare `net/http`, each batch decoded by json/v2: the baseline"},
			{"keyset", "by id, page by page"},
			{"chained", "by id, chained (default)"},
			{"ranges", "by id, 8 ranges at once"},
			{"offset", "offset"},
		},
		[]column{
			ratio("ns/row"), value("time for a row", "ns/row", inNanoseconds),
			over("over the baseline", "ns/row", inNanoseconds), value("heap", "MiB-heap", mebibytes),
		},
	}
}

func listsTable(rows int) table {
	of := func(way string) string { return strconv.Itoa(rows) + "/" + way }
	return table{
		measurement{pkg: "./internal/proof", test: "^TestListCosts$", env: "B24_ROWS=100000,1000000"},
		[]row{
			{of("offset, page by page"), "offset, page by page (b24jssdk, b24gosdk): the baseline"},
			{of("by id, page by page"), "by id, page by page"},
			{of("offset, batches"), "offset, batches (fast_bitrix24)"},
			{of("by id, chains of 50"), "by id, chains of 50 (b24pysdk)"},
			{of("by id, chained"), "by id, chained (default)"},
			{of("by id, 8 ranges"), "by id, 8 ranges at once"},
		},
		[]column{
			ratio("portal-s"), value("requests", "requests", grouped),
			value("portal's time", "portal-s", seconds), value("operating time", "operating-s", seconds),
		},
	}
}

func boundTable(rows ...string) table {
	return table{
		measurement{pkg: "./internal/proof", test: "^TestAMillionRows$", env: "B24_PROOF=full"},
		pairs(rows),
		[]column{
			ratioTo("ratio to the bound", "portal-s", "bound-s"), value("requests", "requests", grouped),
			value("portal's time", "portal-s", seconds), value("the bound", "bound-s", seconds),
		},
	}
}
