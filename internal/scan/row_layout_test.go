package scan_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, result, container, id string
		rows                        []string
		ids                         []uint64
		key                         string
	}{
		{"texts", `[{"ID":"5"},{"ID":"6"}]`, "", "ID", []string{`{"ID":"5"}`, `{"ID":"6"}`}, []uint64{5, 6}, "ID"},
		{"numbers", ` [ { "id" : 5 } , {"id":6 , "x":[] } ] `, "", "ID", []string{`{ "id" : 5 }`, `{"id":6 , "x":[] }`}, []uint64{5, 6}, "id"},
		{"exact before alike", `[{"id":1,"ID":2}]`, "", "ID", []string{`{"id":1,"ID":2}`}, []uint64{2}, "ID"},
		{"deep", `[{"a":{"ID":9,"b":[{"ID":8}]},"ID":1}]`, "", "ID", []string{`{"a":{"ID":9,"b":[{"ID":8}]},"ID":1}`}, []uint64{1}, "ID"},
		{"quotes", `[{"t":"a\"ID\":\\","ID":"1"}]`, "", "ID", []string{`{"t":"a\"ID\":\\","ID":"1"}`}, []uint64{1}, "ID"},
		{"escaped name", `[{"\u0049D":"7"}]`, "", "ID", []string{`{"\u0049D":"7"}`}, []uint64{7}, "ID"},
		{"brackets in text", `[{"t":"}]{[","ID":1}]`, "", "ID", []string{`{"t":"}]{[","ID":1}`}, []uint64{1}, "ID"},
		{"container", `{"x":{"items":[]},"items":[{"id":1}]}`, "items", "id", []string{`{"id":1}`}, []uint64{1}, "id"},
		{"found container", `{"n":1,"things":[{"id":1}],"o":{}}`, "", "id", []string{`{"id":1}`}, []uint64{1}, "id"},
		{"no ids", `[1,"a",null,true,{},[]]`, "", "", []string{`1`, `"a"`, `null`, `true`, `{}`, `[]`}, nil, ""},
		{"empty", `[ ]`, "", "ID", nil, nil, "ID"},
		{"empty object", `{"items": { } }`, "items", "ID", nil, nil, "ID"},
		{"highest", `[{"ID":18446744069414584318}]`, "", "ID", []string{`{"ID":18446744069414584318}`}, []uint64{18446744069414584318}, "ID"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()

			got, err := scan.Parse([]byte(row.result), row.container, row.id)

			require.NoError(t, err)
			assert.Equal(t, scan.Parsed{Rows: row.rows, IDs: row.ids, Key: row.key}, got)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		result string
		reason scan.Reason
	}{
		{`[{"ID":-4294967297}]`, scan.ErrBadID},
		{`[{"ID":"-x"}]`, scan.ErrBadID},
		{`[{"ID":1.5}]`, scan.ErrBadID},
		{`[{"ID":1e3}]`, scan.ErrBadID},
		{`[{"ID":{}}]`, scan.ErrBadID},
		{`[{"ID":true}]`, scan.ErrBadID},
		{`[{"ID":" 1"}]`, scan.ErrBadID},
		{`[{"ID":"nine"}]`, scan.ErrBadID},
		{`[{"ID":99999999999999999999999}]`, scan.ErrBadID},
		{`[{"ID":""}]`, scan.ErrNoID},
		{`[{"ID":null}]`, scan.ErrNoID},
		{`[{"ID":false}]`, scan.ErrNoID},
		{`[{"ID":1},7]`, scan.ErrNoID},
		{`[{"ID":1}`, scan.ErrUnreadable},
		{`[{"ID":1},`, scan.ErrUnreadable},
		{`[{"ID":1} {"ID":2}]`, scan.ErrUnreadable},
		{`{"a":[`, scan.ErrUnreadable},
		{`{"a" 1}`, scan.ErrUnreadable},
		{`"text"`, scan.ErrRows},
		{`12`, scan.ErrRows},
		{`{}`, scan.ErrRows},
		{``, scan.ErrRows},
	} {
		_, err := scan.Parse([]byte(row.result), "", "ID")

		assert.ErrorIs(t, err, row.reason, row.result)
	}
}

// An object where a list belongs is an empty page if it has no member, and no page otherwise.
func TestObjectInPlaceOfAList(t *testing.T) {
	t.Parallel()
	for empty, want := range map[string]error{
		`{}`: nil, "{ \n}": nil, `{"1":{"id":501}}`: scan.ErrRows, `{"a":[]}`: scan.ErrRows, `""`: scan.ErrRows, `null`: scan.ErrRows, `false`: scan.ErrRows,
	} {
		for _, n := range []int{0, 500} {
			p := newPortal(n)
			p.turnV3()
			p.spoil = func(_, _ int, result string) string {
				return strings.Replace(result, `"items":[]`, `"items":`+empty, 1)
			}
			o := tasks3()
			o.UntilEmpty = true // or no empty page is asked for

			got := read(t, p, o, 0)

			if want != nil {
				require.ErrorIs(t, got.err, want, empty)
				continue
			}
			require.NoError(t, got.err, empty)
			sameIDs(t, upTo(n), got.ids)
			assert.True(t, got.report.Complete, empty)
		}
	}
}

// FuzzRows takes lists apart as encoding/json does, and any other text without a panic.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`[{"ID":"1","T":"a\"]"},{"ID":2,"x":{"ID":3}}]`))
	f.Add([]byte(`{"items":[{"id":1},{"id":null}]}`))
	f.Add([]byte(`[{"\u0049D":1},[],"\\",-1.5e3,true]`))
	f.Add([]byte(` [ ] `))
	f.Add([]byte(`[{"ID":`))
	f.Add([]byte(`{"a":[1,{"b":["]"]}],"c":[]}`))
	f.Fuzz(func(t *testing.T, result []byte) {
		_, _ = scan.Parse(result, "", "ID")
		got, err := scan.Parse(result, "", "")
		var rows []json.RawMessage
		if json.Unmarshal(result, &rows) != nil || bytes.TrimSpace(result)[0] != '[' {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", result, err)
		}
		if len(rows) != len(got.Rows) {
			t.Fatalf("%s: %d rows, want %d", result, len(got.Rows), len(rows))
		}
		for i, row := range rows {
			if string(row) != got.Rows[i] {
				t.Fatalf("row %d of %s is %s, want %s", i, result, got.Rows[i], row)
			}
		}
	})
}

// BenchmarkRows takes a page of 50 rows of 600 bytes apart and reads the ids,
// beside what encoding/json needs for as much.
func BenchmarkRows(b *testing.B) {
	page := appendRows(nil, 1_000_001, 1_000_050)
	b.Run("scan", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(page)))
		count := scan.Counter("ID")
		for b.Loop() {
			if n := count(page); n != 50 {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/50, "ns/row")
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			var rows []map[string]json.RawMessage
			if err := json.Unmarshal(page, &rows); err != nil || len(rows[0]["ID"]) == 0 {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/50, "ns/row")
	})
}

// BenchmarkPages reads 100,000 rows from a portal that takes no time but to write them.
func BenchmarkPages(b *testing.B) {
	const rows = 100_000
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for page, err := range scan.Pages(b.Context(), &endless{rows: rows}, deals(), nil) {
			if err != nil {
				b.Fatal(err)
			}
			n += len(page.Rows)
		}
		if n != rows {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	e := &scan.Error{Reason: scan.ErrStalled, Detail: "why", Page: 3, Err: errPortal}

	assert.EqualError(t, e, "page 3: page does not go on from the one before: why: portal said no")
	assert.ErrorIs(t, e, scan.ErrStalled)
	assert.ErrorIs(t, e, errPortal)
	for r := scan.ErrRequest; r <= scan.ErrIncomplete; r++ {
		assert.NotContains(t, r.Error(), "unknown")
	}
	assert.EqualError(t, scan.Reason(99), "unknown reason")
}
