package b24test_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// Methods that give all their rows at once, whatever start says.
func TestListsWithoutPages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ method, body, rows, id, counters, minus string }{
		{"crm.status.list", `{%s}`, "", "ID", "70 -", "70 -"},
		{"crm.category.list", `{"entityTypeId":130%s}`, "categories", "id", "70 -", "- -"},
		{"crm.deal.userfield.list", `{%s}`, "", "ID", "70 -", "70 -"},
		{"crm.productrow.list", `{%s}`, "", "ID", "- -", "- -"},
		{"crm.deal.productrows.get", `{"id":1%s}`, "", "ID", "- -", "- -"},
		{"tasks.task.result.list", `{"taskId":1%s}`, "", "id", "- -", "- -"},
		{"calendar.event.get", `{"type":"user"%s}`, "", "ID", "- -", "- -"},
		{"task.commentitem.getlist", `{"TASKID":1,"ORDER":{"ID":"asc"},"FILTER":[]%s}`, "", "ID", "- -", "- -"},
		{"task.checklistitem.getlist", `{"0":1%s}`, "", "ID", "- -", "- -"},
		{"task.elapseditem.getlist", `{"0":1%s}`, "", "ID", "70 -", "70 -"},
		{"landing.site.getList", `{%s}`, "", "ID", "- -", "- -"},
		{"imopenlines.config.list.get", `{"PARAMS":{"limit":200}%s}`, "", "ID", "- -", "- -"},
	} {
		c := listCase{method: tt.method, rows: tt.rows}
		p := c.seed(t, 70)
		for start, want := range map[string]string{``: tt.counters, `"start":50`: tt.counters, `"start":-1`: tt.minus} {
			if start != "" && !strings.HasPrefix(tt.body, "{%s") {
				start = "," + start
			}
			a := call(t, p, tt.method, fmt.Sprintf(tt.body, start))
			require.Equal(t, http.StatusOK, a.Status, "%s: %s", tt.method, a.Body)
			assert.Len(t, a.ids(t, tt.id, c.path()...), 70, "%s %s", tt.method, start)
			assert.Equal(t, want, counters(t, a), "%s %s", tt.method, start)
		}
	}
}

func TestListsOfOtherKinds(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.currency.list", b24.Params{"CURRENCY": "USD", "SORT": 200}, b24.Params{"CURRENCY": "EUR", "SORT": 100})
	p.Seed("telephony.externalLine.get", b24.Params{"NUMBER": "+49"}, b24.Params{"NUMBER": "+1"})
	p.Seed("crm.address", b24.Params{"TYPE_ID": 1, "ENTITY_ID": 7}, b24.Params{"TYPE_ID": 6, "ENTITY_ID": 7})
	p.Seed("im.search.user", b24.Params{"name": "Ann"}, b24.Params{"name": "Bob"}, b24.Params{"id": 30, "name": "Joan"})
	p.Seed("user", b24.Params{"NAME": "Ann"}, b24.Params{"LAST_NAME": "Annan"}, b24.Params{"NAME": "Bob"})
	p.Seed("lists.element", b24.Params{"IBLOCK_ID": 1, "PROPERTY_7": "x", "PROPERTY_8": nil}, b24.Params{"IBLOCK_ID": 2})
	p.Seed("calendar.event.get", b24.Params{"DATE_FROM": "2024-01-01", "DATE_TO": "2024-01-02"}, b24.Params{"DATE_FROM": "2024-02-01", "DATE_TO": "2024-02-02"})
	p.Seed("task.commentitem", b24.Params{"TASK_ID": 1}, b24.Params{"TASK_ID": 2})
	p.Seed("socialnetwork.api.workgroup", b24.Params{"name": "g", "active": "Y"})
	for _, tt := range []struct{ method, body, want, counters string }{
		{"crm.currency.list", `{}`, `[{"CURRENCY":"EUR","SORT":"100"},{"CURRENCY":"USD","SORT":"200"}]`, "2 -"},
		{"crm.currency.list", `{"order":{"currency":"desc"},"filter":{"CURRENCY":"EUR"},"start":-1}`, `[{"CURRENCY":"USD","SORT":"200"},{"CURRENCY":"EUR","SORT":"100"}]`, "2 -"},
		{"telephony.externalLine.get", `{}`, `[{"NUMBER":"+1"},{"NUMBER":"+49"}]`, "- -"},
		{"crm.address.list", `{"filter":{"TYPE_ID":6}}`, `[{"ENTITY_ID":"7","TYPE_ID":"6"}]`, "1 -"},
		{"crm.address.list", `{"order":{"TYPE_ID":"DESC"},"start":-1}`, `[{"ENTITY_ID":"7","TYPE_ID":"6"},{"ENTITY_ID":"7","TYPE_ID":"1"}]`, "- -"},
		{"im.search.user.list", `{"FIND":"an"}`, `{"1":{"id":1,"name":"Ann"},"30":{"id":30,"name":"Joan"}}`, "2 -"},
		{"im.search.user.list", `{"FIND":"an","LIMIT":1}`, `{"1":{"id":1,"name":"Ann"}}`, "2 1"},
		{"im.search.user.list", `{"FIND":"an","OFFSET":1}`, `{"30":{"id":30,"name":"Joan"}}`, "2 -"},
		{"im.search.user.list", `{"FIND":"zz"}`, `[]`, "0 -"},
		{"user.search", `{"FIND":"ann","sort":"ID","order":"asc"}`, `[{"ID":"1","NAME":"Ann"},{"ID":"2","LAST_NAME":"Annan"}]`, "2 -"},
		{"user.search", `{"FILTER":{"FIND":"bob"}}`, `[{"ID":"3","NAME":"Bob"}]`, "1 -"},
		{"lists.element.get", `{"IBLOCK_TYPE_ID":"lists","IBLOCK_ID":1}`, `[{"ID":"1","IBLOCK_ID":"1","PROPERTY_7":{"11":"x"},"PROPERTY_8":null}]`, "1 -"},
		{"lists.element.get", `{"IBLOCK_TYPE_ID":"lists","IBLOCK_ID":3}`, `[]`, "- -"},
		{"calendar.event.get", `{"type":"user","from":"2024-01-15","to":"2024-03-01"}`, `[{"ID":"2","DATE_FROM":"2024-02-01","DATE_TO":"2024-02-02"}]`, "- -"},
		{"task.commentitem.getlist", `[2]`, `[{"ID":"2","TASK_ID":"2"}]`, "- -"},
		{"socialnetwork.api.workgroup.list", `{}`, `{"workgroups":[{"id":"1"}]}`, "1 -"},
		{"socialnetwork.api.workgroup.list", `{"select":["NAME","ID"]}`, `{"workgroups":[{"id":"1","name":"g"}]}`, "1 -"},
	} {
		a := call(t, p, tt.method, tt.body)
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		assert.JSONEq(t, tt.want, resultText(t, a), "%s %s", tt.method, tt.body)
		assert.Equal(t, tt.counters, counters(t, a), "%s %s", tt.method, tt.body)
	}
}

// bizproc.workflow.instances has ids that are no numbers, and tells the newest first.
func TestListOfTextIDs(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("bizproc.workflow.instances", 120, func(i int) b24.Params {
		return b24.Params{"MODIFIED": fmt.Sprintf("2024-01-01T00:%02d:%02d+00:00", i/60, i%60), "STARTED": "x", "STARTED_BY": i % 2}
	})
	p.Seed("bizproc.workflow.instances", b24.Params{"ID": "5f1c.77", "MODIFIED": "2025-01-01T00:00:00+00:00"})

	a := call(t, p, "bizproc.workflow.instances", `{}`)
	assert.Equal(t, "121 50", counters(t, a))
	assert.Equal(t, map[string]any{"ID": "5f1c.77", "MODIFIED": "2025-01-01T00:00:00+00:00"}, a.field(t, "result", 0))
	assert.Equal(t, "2024-01-01T00:01:59+00:00", a.field(t, "result", 1, "MODIFIED"))
	_, err := strconv.Atoi(a.ids(t, "ID", "result")[1])
	require.Error(t, err)

	var got []string
	for _, start := range []int{0, 50, 100} {
		got = append(got, call(t, p, "bizproc.workflow.instances", fmt.Sprintf(`{"ORDER":{"ID":"ASC"},"start":%d}`, start)).ids(t, "ID", "result")...)
	}
	assert.Len(t, got, 121)
	assert.IsIncreasing(t, got)
	a = call(t, p, "bizproc.workflow.instances", `{"FILTER":{"STARTED_BY":1},"SELECT":["ID","STARTED"],"start":-1}`)
	assert.Equal(t, "0 -", counters(t, a))
	assert.Equal(t, "x", a.field(t, "result", 0, "STARTED"))
}

func TestTaskItemList(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("task.item.list", 120, func(i int) b24.Params { return b24.Params{"TITLE": strconv.Itoa(i % 2)} })
	p.SeedN("task.elapseditem", 120, nil)
	for _, tt := range []struct {
		method, body string
		first, rows  int
		counters     string
	}{
		{"task.item.list", `[]`, 1, 50, "120 50"},
		{"task.item.list", `{}`, 1, 50, "120 50"},
		{"task.item.list", `[{"ID":"desc"}]`, 120, 50, "120 50"},
		{"task.item.getlist", `[{"ID":"asc"},{">ID":100}]`, 101, 20, "20 -"},
		{"task.item.list", `[{"ID":"asc"},[],{"NAV_PARAMS":{"nPageSize":20,"iNumPage":2}}]`, 21, 20, "120 40"},
		{"task.item.list", `[{"ID":"asc"},[],{"NAV_PARAMS":{"nPageSize":500,"iNumPage":3}}]`, 101, 20, "120 -"},
		{"task.item.list", `{"o":{"ID":"asc"},"f":[],"start":50}`, 51, 50, "120 100"},
		{"task.item.list", `{"o":{"ID":"asc"},"f":[],"start":-1}`, 1, 50, "120 50"},
		{"task.item.list", `{"f":[],"o":{">ID":100}}`, 101, 20, "20 -"}, // the place counts and not the name
		{"task.elapseditem.getlist", `[1]`, 1, 120, "120 -"},
		{"task.elapseditem.getlist", `[]`, 1, 50, "120 50"},
		{"task.elapseditem.getlist", `[0]`, 1, 50, "120 50"},
		{"task.elapseditem.getlist", `[{"ID":"desc"},{"<ID":100}]`, 99, 50, "99 50"},
		{"task.elapseditem.getlist", `[0,[],[],[],{"NAV_PARAMS":{"nPageSize":50,"iNumPage":3}}]`, 101, 20, "120 -"},
		{"task.elapseditem.getlist", `[1,{"ID":"desc"},[],[],{"NAV_PARAMS":{"nPageSize":50,"iNumPage":3}}]`, 20, 20, "120 -"},
		{"task.elapseditem.getlist", `[1,[],{">ID":110},["ID"],{"NAV_PARAMS":{"iNumPage":1}}]`, 111, 10, "10 -"},
	} {
		a := call(t, p, tt.method, tt.body)
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		ids := a.ids(t, "ID", "result")
		require.Len(t, ids, tt.rows, tt.body)
		assert.Equal(t, strconv.Itoa(tt.first), ids[0], tt.body)
		assert.Equal(t, tt.counters, counters(t, a), tt.body)
	}
	assert.JSONEq(t, `[{"ID":"2","TITLE":"1"}]`, resultText(t, call(t, p, "task.item.list", `[[],{"ID":2},[],["ID","TITLE"]]`)))
}

func TestDialogsAndTheFeed(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("im.dialog.messages.get", 120, nil)
	p.SeedN("log.blogpost.get", 120, nil)
	for _, tt := range []struct {
		method, body string
		path         []any
		id           string
		first, rows  int
		counters     string
	}{
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat1"}`, []any{"result", "messages"}, "id", 120, 20, "- -"},
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat1","LIMIT":500}`, []any{"result", "messages"}, "id", 120, 50, "- -"},
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat1","LAST_ID":71,"LIMIT":10}`, []any{"result", "messages"}, "id", 70, 10, "- -"},
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat1","LAST_ID":0}`, []any{"result", "messages"}, "id", 120, 20, "- -"},
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat1","FIRST_ID":0}`, []any{"result", "messages"}, "id", 1, 20, "- -"},
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat1","FIRST_ID":100,"LIMIT":50}`, []any{"result", "messages"}, "id", 101, 20, "- -"},
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat1","FIRST_ID":100,"LAST_ID":50}`, []any{"result", "messages"}, "id", 101, 20, "- -"},
		{"log.blogpost.get", `{}`, []any{"result"}, "ID", 120, 50, "120 50"},
		{"log.blogpost.get", `{"start":100}`, []any{"result"}, "ID", 20, 20, "120 -"},
		{"log.blogpost.get", `{"LAST_ID":30,"LIMIT":200}`, []any{"result"}, "ID", 29, 29, "0 -"},
	} {
		a := call(t, p, tt.method, tt.body)
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		ids := a.ids(t, tt.id, tt.path...)
		require.Len(t, ids, tt.rows, tt.body)
		assert.Equal(t, strconv.Itoa(tt.first), ids[0], tt.body)
		assert.Equal(t, tt.counters, counters(t, a), tt.body)
	}
	for _, wrong := range []string{`{}`, `{"DIALOG_ID":"chat1","LAST_ID":"x"}`, `{"DIALOG_ID":"chat1","FIRST_ID":""}`, `{"DIALOG_ID":"chat1","LAST_ID":-1}`} {
		assert.Equal(t, http.StatusBadRequest, call(t, p, "im.dialog.messages.get", wrong).Status, wrong)
	}
}

func TestListsWithALimitOfTheCaller(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("im.recent", 250, func(i int) b24.Params { return b24.Params{"id": fmt.Sprint("chat", i), "date_update": 1000 + i} })
	p.Seed("im.recent", b24.Params{"id": 7, "date_update": 1})
	p.SeedN("landing.site", 120, func(i int) b24.Params { return b24.Params{"TITLE": strconv.Itoa(i % 3)} })

	a := call(t, p, "im.recent.list", `{}`)
	assert.Equal(t, "-1 50", counters(t, a))
	assert.Equal(t, "chat249", a.ids(t, "id", "result", "items")[0])
	assert.Equal(t, true, a.field(t, "result", "hasMore"))
	a = call(t, p, "im.recent.list", `{"LIMIT":500,"OFFSET":200}`)
	ids := a.ids(t, "id", "result", "items")
	assert.Len(t, ids, 51)
	assert.Equal(t, "7", ids[50])
	assert.Equal(t, "-1 -", counters(t, a))
	assert.Equal(t, false, a.field(t, "result", "hasMore"))
	assert.Len(t, call(t, p, "im.recent.list", `{"LIMIT":500}`).ids(t, "id", "result", "items"), 200)
	assert.Len(t, call(t, p, "im.recent.list", `{"OFFSET":9,"start":240}`).ids(t, "id", "result", "items"), 11)

	a = call(t, p, "landing.site.getList", `{"params":{"order":{"ID":"DESC"},"filter":{"TITLE":1},"select":["ID"],"limit":10,"offset":30}}`)
	assert.JSONEq(t, `[{"ID":"29"},{"ID":"26"},{"ID":"23"},{"ID":"20"},{"ID":"17"},{"ID":"14"},{"ID":"11"},{"ID":"8"},{"ID":"5"},{"ID":"2"}]`, resultText(t, a))
	assert.Len(t, call(t, p, "landing.site.getList", `{"filter":{"TITLE":1},"limit":10}`).ids(t, "ID", "result"), 120, "outside of params nothing counts")
}

// A chat with more unread messages than a page has begins at the first of them.
func TestDialogsWithUnreadMessages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		unread, first, rows int
		body                string
	}{
		{0, 120, 20, `{"DIALOG_ID":"chat1"}`},
		{5, 120, 25, `{"DIALOG_ID":"chat1"}`},
		{20, 120, 40, `{"DIALOG_ID":"chat1"}`},
		{50, 90, 40, `{"DIALOG_ID":"chat1"}`},
		{115, 25, 25, `{"DIALOG_ID":"chat1"}`},
		{50, 120, 20, `{"DIALOG_ID":"chat1","LAST_ID":0}`},
		{50, 1, 20, `{"DIALOG_ID":"chat1","FIRST_ID":0}`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN("im.dialog.messages.get", 120, func(i int) b24.Params { return b24.Params{"unread": i >= 120-tt.unread} })
		a := call(t, p, "im.dialog.messages.get", tt.body)
		ids := a.ids(t, "id", "result", "messages")
		require.Len(t, ids, tt.rows, tt.unread)
		assert.Equal(t, strconv.Itoa(tt.first), ids[0], tt.unread)
	}
}

// The people of a chat, and the comments of a user.
func TestMembersAndComments(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("im.dialog.users", 120, nil)
	p.SeedN("log.blogcomment.user", 120, func(i int) b24.Params { return b24.Params{"comment_id": 1000 - i} })
	for _, tt := range []struct {
		method, body string
		path         []any
		first, rows  int
		counters     string
	}{
		{"im.dialog.users.list", `{"DIALOG_ID":"chat1","LAST_ID":0}`, []any{"result"}, 1, 50, "- -"},
		{"im.dialog.users.list", `{"DIALOG_ID":"chat1","LAST_ID":"7","LIMIT":500}`, []any{"result"}, 8, 113, "- -"},
		{"im.dialog.users.list", `{"DIALOG_ID":"chat1","LAST_ID":120}`, []any{"result"}, 0, 0, "- -"},
		{"log.blogcomment.user.get", `{}`, []any{"result", "comments"}, 21, 100, "- -"},
		{"log.blogcomment.user.get", `{"LAST_ID":21,"LIMIT":500}`, []any{"result", "comments"}, 1, 20, "- -"},
		{"log.blogcomment.user.get", `{"FIRST_ID":100,"LAST_ID":5}`, []any{"result", "comments"}, 101, 20, "- -"},
		{"log.blogcomment.user.get", `{"LAST_ID":1}`, []any{"result", "comments"}, 0, 0, "- -"},
	} {
		a := call(t, p, tt.method, tt.body)
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		ids := a.ids(t, "id", tt.path...)
		require.Len(t, ids, tt.rows, tt.body)
		if tt.rows > 0 {
			assert.Equal(t, strconv.Itoa(tt.first), ids[0], tt.body)
		}
		assert.Equal(t, tt.counters, counters(t, a), tt.body)
	}
	assert.Equal(t, "120 50", counters(t, call(t, p, "im.dialog.users.list", `{"DIALOG_ID":"chat1"}`)))
}
