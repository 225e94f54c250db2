package scan_test

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// lengths are the numbers of calls by request.
func lengths(p *portal) []int {
	var calls []int
	for _, r := range p.requests {
		calls = append(calls, len(r))
	}
	return calls
}

// stretches is a place in the list of o with the ids of spans left to be read.
func stretches(t *testing.T, p *portal, o scan.Options, spans string) string {
	t.Helper()
	place := read(t, p, o, 1).report.Cursor
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(place, "b24.1."))
	require.NoError(t, err)
	whole := `"s":[51,18446744073709551615]`
	require.Contains(t, string(raw), whole)
	return scan.Seal(strings.Replace(string(raw[:len(raw)-4]), whole, `"s":[`+spans+`]`, 1))
}

// However long the pages are, a request brings 2,500 rows at most.
func TestRowsOfARequest(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{v3("tasks.task.list", ""), byOffset()} {
		p := newPortal(30_000)
		if o.V3 {
			p.turnV3()
		}
		p.size = 1_000

		got := read(t, p, o, 0)

		require.NoError(t, got.err)
		sameIDs(t, upTo(30_000), got.ids)
		assert.Equal(t, 2, slices.Max(lengths(p)))
	}
}

// A limit costs no page more than its rows take.
func TestLimitBoundsTheChain(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{150: 2, 170: 3} {
		for _, o := range []scan.Options{deals(), byOffset()} {
			p := newPortal(1_000)
			o.Limit = limit

			got := read(t, p, o, 0)

			require.NoError(t, got.err)
			sameIDs(t, upTo(limit), got.ids)
			assert.Len(t, lengths(p), 2)
			assert.Equal(t, want, lengths(p)[1])
		}
	}
}

// By offset the number of pages is known: none is asked for behind the last one.
func TestPagesByOffset(t *testing.T) {
	t.Parallel()
	p := newPortal(1_000)

	got := read(t, p, byOffset(), 0)

	require.NoError(t, got.err)
	assert.Equal(t, []int{1, 4, 15}, lengths(p))
	for _, page := range got.pages {
		assert.Equal(t, 1_000, page.Total)
	}
}

// What one call for all of a list's rows would not mend ends the list by offset at once.
func TestChainByOffsetFails(t *testing.T) {
	t.Parallel()
	refused, repeated := newPortal(1_000), newPortal(1_000)
	refused.refuse = func(request, _ int) error {
		if request == 2 {
			return errPortal
		}
		return nil
	}
	repeated.spoil = func(r, c int, result string) string { return at(r, c, 2, 1).or(`[{"ID":"1"}]`, result) }
	for _, p := range []*portal{refused, repeated} {
		got := read(t, p, byOffset(), 0)

		require.Error(t, got.err)
		assert.Equal(t, 2, got.requests)
	}
}

// Any limit, again and again, comes to the end of the list with each row once.
func TestLimitsInARow(t *testing.T) {
	t.Parallel()
	v3Offset := paged(v3("tasks.task.list", ""), scan.PagingOffset)
	for name, o := range map[string]scan.Options{
		"by id": deals(), "down": down(deals()), "by offset": byOffset(), "overlapping": v3Offset, "v3": v3("tasks.task.list", ""),
	} {
		p := newPortal(120)
		if o.V3 {
			p.turnV3()
		}
		o.Limit = 7
		var ids []uint64
		for i := range 18 {
			got := read(t, p, o, 0)
			require.NoError(t, got.err, name)
			assert.Equal(t, i == 17, got.report.Complete, name)
			ids = append(ids, got.ids...)
			o.Resume = got.report.Cursor
		}
		if o.Descending {
			slices.Reverse(ids)
		}
		sameIDs(t, upTo(120), ids)
	}
}

func TestLimitOfAllRows(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{deals(), down(deals()), byOffset()} {
		o.Limit = 30

		got := read(t, newPortal(30), o, 0)

		require.NoError(t, got.err)
		assert.Len(t, got.ids, 30)
		assert.True(t, got.report.Complete)
	}
}

// A limit that cuts a page in a stretch with others above it gives back all that is left of the stretch.
func TestLimitWithinAStretch(t *testing.T) {
	t.Parallel()
	p := newPortal(6_000)
	o := deals()
	o.Resume = stretches(t, p, o, "51,300,5001,18446744073709551615")
	o.Limit = 70
	first := read(t, p, o, 0)
	o.Resume, o.Limit = first.report.Cursor, 0

	second := read(t, p, o, 0)

	require.NoError(t, first.err)
	require.NoError(t, second.err)
	sameIDs(t, slices.Concat(upTo(300)[50:], upTo(6_000)[5_000:]), slices.Concat(first.ids, second.ids))
}

// A chain that broke late is not shortened more than that.
func TestChainIsShortenedToWhatWasOfUse(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{deals(), byOffset()} {
		p := newPortal(2_000)
		p.fault = func(r, c int) error { return at(r, c, 3, 12).fails() }

		got := read(t, p, o, 0)

		require.NoError(t, got.err)
		sameIDs(t, upTo(2_000), got.ids)
		assert.Equal(t, []int{4, 16, 1, 4, 12}, lengths(p)[1:6])
	}
}

// forgetful leaves out the answer to a chain's last call.
type forgetful struct{ *portal }

func (f forgetful) Chain(ctx context.Context, calls [][]byte) ([]scan.Answer, error) {
	answers, err := f.portal.Chain(ctx, calls)
	return answers[:len(answers)-1], err
}

func TestChainWithoutAllAnswers(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{deals(), byOffset()} {
		rows := 0
		for page, err := range scan.Pages(t.Context(), forgetful{newPortal(1_000)}, o, nil) {
			require.NoError(t, err)
			rows += len(page.Rows)
		}
		assert.Equal(t, 1_000, rows)
	}
}

// Rows in an object cannot be referred to by their position: no chain is tried.
func TestRowsInAnObjectAreReadPageByPage(t *testing.T) {
	t.Parallel()
	p := newPortal(130)
	p.container, p.idKey, p.key = "checkListItems", "id", "id"
	p.spoil = func(_, _ int, result string) string {
		from, to := strings.LastIndex(result, ":[{"), strings.LastIndex(result, "]")
		if from < 0 {
			return result
		}
		rows := strings.ReplaceAll(result[from+2:to], `{"TITLE"`, `"x":{"TITLE"`)
		return result[:from+1] + "{" + rows + "}" + result[to+1:]
	}
	o := method("tasks.template.checklist.list", "")
	o.IDKey, o.Paging = "id", scan.PagingChained

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	sameIDs(t, upTo(130), got.ids)
	assert.Equal(t, 1, slices.Max(lengths(p)[1:]))
}

// slowPages answers at once and says that each page took two seconds.
type slowPages struct{ *portal }

func (s slowPages) Page(ctx context.Context, params []byte) (scan.Answer, error) {
	a, err := s.portal.Page(ctx, params)
	a.Duration = 2 * time.Second
	return a, err
}

func (s slowPages) Chain(ctx context.Context, calls [][]byte) ([]scan.Answer, error) {
	answers, err := s.portal.Chain(ctx, calls)
	for i := range answers {
		answers[i].Duration = 2 * time.Second
	}
	return answers, err
}

// The time that the portal names counts, that of all pages of a chain together.
func TestChainsAdaptToTheTimeThePortalNames(t *testing.T) {
	t.Parallel()
	p := newPortal(20_000)
	for _, err := range scan.Pages(t.Context(), slowPages{p}, deals(), nil) {
		require.NoError(t, err)
	}
	assert.Equal(t, 12, slices.Max(lengths(p)))
}

// Ids between the stretches that are left were read: the end lies behind the last stretch, even if it has no rows.
func TestEndBehindAnEmptyStretch(t *testing.T) {
	t.Parallel()
	p := newPortal(5_000)
	o := deals()
	o.Resume = stretches(t, p, o, "51,300,5001,18446744073709551615")
	first := read(t, p, o, 0)
	o.Resume = first.report.Cursor

	second := read(t, p, o, 0)

	require.NoError(t, first.err)
	require.NoError(t, second.err)
	assert.Len(t, first.ids, 250)
	assert.Empty(t, second.ids)
}

// The id that is named for the rows does not replace the one known for filter and order.
func TestNamedIDKeepsTheCursorKey(t *testing.T) {
	t.Parallel()
	o := method("tasks.task.list", "")
	o.IDKey = "id"

	_, calls, _, err := scan.FirstCalls(o)

	require.NoError(t, err)
	assert.Contains(t, calls[0], `"order":{"ID":"ASC"}`)
}
