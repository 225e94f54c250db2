package scan_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// Every page of a reading is a place to go on from, in any way of reading.
func TestCursorOfEachPage(t *testing.T) {
	t.Parallel()
	p := newPortal(760)
	all := read(t, p, deals(), 0)
	require.NoError(t, all.err)
	for i, page := range all.pages {
		for _, paging := range []scan.Paging{scan.PagingAuto, scan.PagingKeyset, scan.PagingOffset} {
			o := paged(deals(), paging)
			o.Resume = page.Cursor()

			rest := read(t, newPortal(760), o, 0)

			require.NoError(t, rest.err)
			sameIDs(t, upTo(760)[page.Done:], rest.ids)
			if i+1 < len(all.pages) {
				assert.Equal(t, 760, rest.pages[len(rest.pages)-1].Done)
			}
		}
	}
}

// The end of a list that rises is a place like any other: rows that were added since are
// found from there, whatever the way of reading. Down from the lowest there are none.
func TestCursorBehindTheEnd(t *testing.T) {
	t.Parallel()
	bounded := deal(`{"filter":{"<ID":62}}`)
	for name, row := range map[string]struct {
		o     scan.Options
		added int
	}{
		"keyset": {singly(), 2}, "chained": {deals(), 2}, "ranges": {parallel(3), 2}, "offset": {byOffset(), 2}, "down": {down(deals()), 0},
		"bounded": {bounded, 1},
	} {
		for _, rows := range []int{1, 50, 60, 1000} {
			p := newPortal(rows)
			whole := read(t, p, row.o, 0)
			require.NoError(t, whole.err, name)
			o := row.o
			for _, o.Resume = range []string{whole.pages[len(whole.pages)-1].Cursor(), whole.report.Cursor} {
				p.ids = upTo(rows)
				nothing := read(t, p, o, 0)
				require.NoError(t, nothing.err, name)
				assert.Empty(t, nothing.ids, name)
				assert.True(t, nothing.report.Complete, name)
				if name == "bounded" && rows != 60 {
					continue
				}
				p.ids = upTo(rows + 2)
				more := read(t, p, o, 0)
				require.NoError(t, more.err, name)
				sameIDs(t, upTo(rows + row.added)[rows:], more.ids)
			}
		}
	}
}

func TestCursorBelongsToItsList(t *testing.T) {
	t.Parallel()
	p := newPortal(200)
	o := deal(`{"filter":{"A":1}}`)
	place := read(t, p, o, 1).report.Cursor
	other := func(change func(o *scan.Options)) scan.Options {
		o := o
		o.Resume = place
		change(&o)
		return o
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(place, "b24.1."))
	require.NoError(t, err)
	require.Contains(t, string(raw), `"n":50`)
	forged := "b24.1." + base64.RawURLEncoding.EncodeToString(bytes.Replace(raw, []byte(`"n":50`), []byte(`"n":51`), 1))
	for name, changed := range map[string]scan.Options{
		"forged":     other(func(o *scan.Options) { o.Resume = forged }),
		"method":     other(func(o *scan.Options) { o.Method = "crm.lead.list" }),
		"version":    other(func(o *scan.Options) { o.V3 = true }),
		"params":     other(func(o *scan.Options) { o.Params = []byte(`{"filter":{"A":2}}`) }),
		"direction":  other(func(o *scan.Options) { o.Descending = true }),
		"cursor key": other(func(o *scan.Options) { o.CursorKey = "KEY" }),
		"rows key":   other(func(o *scan.Options) { o.RowsKey = "rows" }),
		"id":         other(func(o *scan.Options) { o.IDKey = "KEY" }),
		"damaged":    other(func(o *scan.Options) { o.Resume = place[:20] + strings.ToLower(place[20:]) }),
		"cut":        other(func(o *scan.Options) { o.Resume = place[:20] }),
		"no base 64": other(func(o *scan.Options) { o.Resume = place + "?" }),
		"version 2":  other(func(o *scan.Options) { o.Resume = strings.Replace(place, "b24.1.", "b24.2.", 1) }),
	} {
		before := len(p.requests)
		got := read(t, p, changed, 0)

		require.ErrorIs(t, got.err, scan.ErrCursor, name)
		assert.Len(t, p.requests, before, "nothing is sent")
	}
	same := other(func(o *scan.Options) {
		o.Method, o.Params, o.Alone, o.Concurrency = "CRM.deal.list", []byte(` { "filter" : {"A":1} } `), "no batch carries it", 2
	})
	require.NoError(t, read(t, p, same, 0).err)
}

// A reading that ended with an error goes on where its report says.
func TestCursorBehindAnError(t *testing.T) {
	t.Parallel()
	p := newPortal(300)
	p.refuse = func(request, _ int) error {
		if request == 2 {
			return errPortal
		}
		return nil
	}
	first := read(t, p, deals(), 0)
	require.ErrorIs(t, first.err, errPortal)
	o := deals()
	o.Resume = first.report.Cursor

	second := read(t, p, o, 0)

	require.NoError(t, second.err)
	sameIDs(t, upTo(300), slices.Concat(first.ids, second.ids))
}

func FuzzCursor(f *testing.F) {
	p := newPortal(200)
	f.Add(read(f, p, deals(), 1).report.Cursor)
	f.Add(read(f, p, byOffset(), 1).report.Cursor)
	f.Add(read(f, p, down(deals()), 1).report.Cursor)
	f.Add("b24.1.")
	f.Add("b24.1.AAAA")
	f.Add("b24.2.e30")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		recode(t, text)
	})
}

// FuzzCursorFields reads cursors whose sum is right, whatever they say.
func FuzzCursorFields(f *testing.F) {
	for _, fields := range []string{
		`{"w":"k","b":"1","n":3,"s":[1,18446744073709551615]}`, `{"w":"k","b":"1","s":[5,1]}`, `{"w":"k","s":[1,9,9,12]}`,
		`{"w":"k","s":[1,9,4]}`, `{"w":"r","b":"1","o":50,"k":2,"m":"7","t":-1}`, `{"w":"r","o":-50}`, `{"w":"x"}`, `{}`, `[]`,
	} {
		f.Add(fields)
	}
	f.Fuzz(func(t *testing.T, fields string) {
		recode(t, scan.Seal(fields))
	})
}

func TestCursorRefusesFields(t *testing.T) {
	t.Parallel()
	for _, fields := range []string{
		`{"w":"x"}`, `{}`, `[]`, `{"w":"k","s":[5,1]}`, `{"w":"k","s":[1,9,9,12]}`, `{"w":"k","s":[1,9,4]}`, `{"w":"r","o":-50}`,
		`{"w":"r","k":-1}`, `{"w":"r","n":-1}`, `{"w":"r","t":-2}`, `{"w":"r","z":-1}`, `{"w":"k","s":[-4294967298,2]}`,
	} {
		_, err := scan.Recode(scan.Seal(fields))

		assert.ErrorIs(t, err, scan.ErrCursor, fields)
	}
}

func recode(t *testing.T, text string) {
	t.Helper()
	again, err := scan.Recode(text)
	if err != nil {
		if !errors.Is(err, scan.ErrCursor) {
			t.Fatalf("error %v", err)
		}
		return
	}
	twice, err := scan.Recode(again)
	if err != nil || twice != again {
		t.Fatalf("%q is read as %q and then as %q, %v", text, again, twice, err)
	}
}

// The end of a list without rows is a place, too.
func TestCursorOfAnEmptyList(t *testing.T) {
	t.Parallel()
	unknown := method("partner.thing.list", "")
	unknown.IDKey, unknown.CursorKey = "id", "id"
	for _, o := range []scan.Options{v3("tasks.task.list", ""), paged(v3("tasks.task.list", ""), scan.PagingOffset), deals(), byOffset(), unknown} {
		p := newPortal(0)
		if o.V3 {
			p.turnV3()
		} else if o.CursorKey != "" {
			p.key = "id"
		}
		o.Resume = read(t, p, o, 0).report.Cursor
		require.NotEmpty(t, o.Resume)
		p.ids = upTo(120)

		got := read(t, p, o, 0)

		require.NoError(t, got.err, o.Method)
		sameIDs(t, upTo(120), got.ids)
	}
}

// A cursor that nobody made is no reason to fall over.
func TestForgedCursors(t *testing.T) {
	t.Parallel()
	p := newPortal(200)
	for _, o := range []scan.Options{deals(), byOffset()} {
		place := read(t, p, o, 1).report.Cursor
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(place, "b24.1."))
		require.NoError(t, err)
		fields := string(raw[:len(raw)-4])
		require.Contains(t, fields, `"z":50,`)
		o.Resume = scan.Seal(strings.Replace(fields, `"z":50,`, "", 1))
		var e *scan.Error
		require.ErrorAs(t, read(t, p, o, 0).err, &e)
		assert.Equal(t, scan.ErrCursor, e.Reason)
	}
}
