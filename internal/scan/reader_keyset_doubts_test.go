package scan_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// A row with the id 0 is one, where the first page shows that there are such.
func TestIDsFromZero(t *testing.T) {
	t.Parallel()
	p := newPortal(0)
	p.ids = append([]uint64{0}, upTo(120)...)
	for name, o := range map[string]scan.Options{"not known": method("partner.thing.list", ""), "down": down(deals())} {
		got := read(t, p, o, 0)
		require.NoError(t, got.err, name)
		assert.Len(t, got.ids, 121, name)
	}
}

// Where several stretches are left, the rows of one are not counted for all.
func TestSeveralStretchesAreNotCounted(t *testing.T) {
	t.Parallel()
	p := newPortal(20_000)
	place := read(t, p, deals(), 1).report.Cursor
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(place, "b24.1."))
	require.NoError(t, err)
	whole := `"s":[51,18446744073709551615]`
	require.Contains(t, string(raw), whole)
	o := deals()
	o.Resume = scan.Seal(strings.Replace(string(raw[:len(raw)-4]), whole, `"s":[51,300,5001,18446744073709551615]`, 1))
	plain := read(t, p, o, 0)
	o.WantTotal = true
	counted := read(t, p, o, 0)
	require.NoError(t, counted.err)
	assert.Len(t, counted.ids, len(plain.ids))
	assert.Equal(t, plain.requests, counted.requests)
	assert.Zero(t, p.counted)
	for _, page := range counted.pages {
		assert.True(t, page.Total == -1 || page.Total >= page.Done)
	}
}

// Downwards, too, a page must go on behind the one before it.
func TestFilterIgnoredOnTheWayDown(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.ignoreUpper = true
	got := read(t, p, down(singly()), 3)
	var e *scan.Error
	require.ErrorAs(t, got.err, &e)
	assert.Equal(t, scan.ErrStalled, e.Reason)
	assert.Len(t, got.ids, 50)
}

// The portal may ignore a bound of the caller: rows beyond it are dropped, and end the list.
func TestBoundsThatThePortalIgnores(t *testing.T) {
	t.Parallel()
	counted := deal(`{"filter":{"<ID":3}}`)
	counted.WantTotal = true
	for name, row := range map[string]struct {
		o    scan.Options
		said *source
		rows int
	}{
		"down":                  {down(deal(`{"filter":{">ID":100}}`)), said(`[{"ID":"102"},{"ID":"101"},{"ID":"100"},{"ID":"99"}]`), 2},
		"counted, all of them":  {counted, said(`[{"ID":"5"},{"ID":"6"}]`).total(0, 9), 0},
		"counted, some of them": {counted, said(`[{"ID":"2"},{"ID":"6"}]`).total(0, 9), 1},
	} {
		rows, report, err := readAll(t, row.said, row.o)
		require.NoError(t, err, name)
		assert.Len(t, rows, row.rows, name)
		assert.True(t, report.Complete, name)
		assert.Equal(t, 1, row.said.n, name)
	}
}

// A later page without ids does not begin the list anew in another way.
func TestLaterPageWithoutIDs(t *testing.T) {
	t.Parallel()
	p := newPortal(500)
	p.spoil = func(r, c int, result string) string { return at(r, c, 2, 0).or(`[{"a":1}]`, result) }

	got := read(t, p, deals(), 0)

	require.ErrorIs(t, got.err, scan.ErrNoID)
	sameIDs(t, upTo(50), got.ids)
}

// Rows of a method known by its id that come without one are counted.
func TestFirstPageWithoutIDs(t *testing.T) {
	t.Parallel()
	rows, report, err := readAll(t, said(`[{"a":1},{"a":2}]`), deals())
	require.NoError(t, err)
	assert.Len(t, rows, 2)
	assert.Equal(t, scan.PagingOffset, report.Paging)
	assert.True(t, report.Complete)
}
