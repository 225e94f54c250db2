package b24_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// rowList is a list that goes on from a row of a page, or by page numbers of its own.
type rowList struct {
	entity, method string
	params         any
	id             string
	falls          bool // from the highest id down
	paging         b24.Paging
}

func rowLists() []rowList {
	chat := b24.Params{"DIALOG_ID": "chat29"}
	return []rowList{
		{"im.dialog.messages", "im.dialog.messages.get", chat, "id", true, b24.PagingCursor},
		{"im.dialog.messages", "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29", "LIMIT": 7}, "id", true, b24.PagingCursor},
		{"im.dialog.users", "im.dialog.users.list", chat, "id", false, b24.PagingCursor},
		{"log.blogcomment.user", "log.blogcomment.user.get", nil, "id", true, b24.PagingCursor},
		{"task.elapseditem", "task.elapseditem.getlist", nil, "ID", false, b24.PagingOffset},
		{"task.elapseditem", "task.elapseditem.getlist", []any{0, b24.Params{"USER_ID": "desc"}}, "ID", false, b24.PagingOffset},
		{"task.elapseditem", "task.elapseditem.getlist", []any{29}, "ID", false, b24.PagingOnce},
	}
}

func idsOf(t *testing.T, rows []map[string]any, key string) []string {
	t.Helper()
	ids := make([]string, len(rows))
	for i, row := range rows {
		require.NotNil(t, row[key])
		ids[i] = fmt.Sprint(row[key])
	}
	return ids
}

// Each is read to its end, whatever its size and the place where a limit cut it.
func TestListsThatGoOnFromARow(t *testing.T) {
	t.Parallel()
	for _, l := range rowLists() {
		for _, n := range []int{0, 1, 19, 20, 21, 50, 51, 100, 1000} {
			p, h := newPortal(t)
			p.SeedN(l.entity, n, func(i int) b24.Params { return b24.Params{"unread": i%3 == 0} })
			var report b24.ListReport
			all, err := b24.Collect(b24.List[map[string]any](t.Context(), h, l.method, l.params, b24.WithReport(&report)))
			require.NoError(t, err, "%s %d", l.method, n)
			ids := idsOf(t, all, l.id)
			assert.Len(t, ids, n, l.method)
			for i, id := range ids {
				want := i + 1
				if l.falls {
					want = n - i
				}
				require.Equal(t, strconv.Itoa(want), id, "%s %d", l.method, n)
			}
			assert.True(t, report.Complete)
			assert.Equal(t, l.paging, report.Paging, l.method)

			var parts []string
			for cursor, complete := b24.Cursor(""), false; !complete && n <= 100; {
				part, err := b24.Collect(b24.List[map[string]any](t.Context(), h, l.method, l.params,
					b24.WithLimit(33), b24.WithResume(cursor), b24.WithReport(&report)))
				require.NoError(t, err, "%s %d", l.method, n)
				parts = append(parts, idsOf(t, part, l.id)...)
				cursor, complete = report.Cursor, report.Complete
			}
			if n > 0 && n <= 100 {
				assert.Equal(t, ids, parts, l.method)
			}
		}
	}
}

// A chat with more unread messages than a page holds begins at the first of them, if it is asked without a place.
func TestListOfMessagesWithManyUnread(t *testing.T) {
	t.Parallel()
	for _, unread := range []int{0, 1, 50, 51, 119, 120} {
		p, h := newPortal(t)
		p.SeedN("im.dialog.messages", 120, func(i int) b24.Params { return b24.Params{"unread": i >= 120-unread} })

		all, err := b24.Collect(b24.List[map[string]any](t.Context(), h, "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29"}))

		require.NoError(t, err)
		assert.Len(t, all, 120, unread)
		assert.Equal(t, "120", fmt.Sprint(all[0]["id"]))
	}
}

// Messages that are written meanwhile move none.
func TestListOfMessagesThatGrows(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("im.dialog.messages", 230, nil)
	n := 0
	for row, err := range b24.List[map[string]any](t.Context(), h, "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29"}) {
		require.NoError(t, err)
		assert.Equal(t, strconv.Itoa(230-n), fmt.Sprint(row["id"]))
		if n++; n%40 == 0 {
			p.SeedN("im.dialog.messages", 3, nil)
		}
	}
	assert.Equal(t, 230, n)
}

// What lies about a page is found out.
func TestListsThatGoOnFromARowAndLies(t *testing.T) {
	t.Parallel()
	for _, l := range rowLists() {
		if l.paging != b24.PagingCursor {
			continue
		}
		for name, fault := range map[string]b24test.Fault{
			"the cursor is ignored": b24test.FilterIgnored(), "repeated": b24test.Repeated(), "without ids": b24test.WithoutIDs(), "null row": b24test.NullRow(),
		} {
			p, h := newPortal(t)
			p.SeedN(l.entity, 300, nil)
			p.Fault(l.method, fault.Always())
			_, err := b24.Collect(b24.List[map[string]any](t.Context(), h, l.method, l.params))
			var failed *b24.ListError
			require.ErrorAs(t, err, &failed, "%s: %s", l.method, name)
		}
	}
}

// A method that cannot be read says what to call instead, and sends nothing.
func TestListsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for method, text := range map[string]string{
		"im.notify.get": "LAST_TYPE", "im.notify.history.search": `NextField "[last].id"`, "im.dialog.messages.search": "im.dialog.messages.get",
		"log.blogpost.get": "start 0, 50, 100", "event.offline.get": "event.offline.list", "im.v2.Event.get": "nextOffset", "imbot.v2.Event.get": "nextOffset",
	} {
		_, err := b24.Collect(b24.List[map[string]any](t.Context(), h, method, nil))
		require.ErrorIs(t, err, b24.ErrInvalidParams, method)
		assert.ErrorContains(t, err, text)
	}
	_, err := b24.Collect(b24.List[map[string]any](t.Context(), h, "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29", "FIRST_ID": 7}))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.Requests())
}
