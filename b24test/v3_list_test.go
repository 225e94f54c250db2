package b24test_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// pageV3 lists goods and tells the first and the last id and how many there are.
func pageV3(t *testing.T, p *b24test.Portal, method, body string) string {
	t.Helper()
	a := callV3(t, p, method, body)
	require.Empty(t, codeOf(t, a), "%s: %s", body, a.Body)
	ids := a.ids(t, "id", "result", "items")
	if len(ids) == 0 {
		return "none"
	}
	return fmt.Sprintf("%s-%s %d", ids[0], ids[len(ids)-1], len(ids))
}

func TestPagesV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 130)
	for body, want := range map[string]string{
		`{}`:                                                  "1-50 50",
		`{"pagination":{}}`:                                   "1-50 50",
		`{"pagination":"x"}`:                                  "1-50 50",
		`{"pagination":{"limit":7}}`:                          "1-7 7",
		`{"pagination":{"limit":"7"}}`:                        "1-7 7",
		`{"pagination":{"limit":100}}`:                        "1-50 50",
		`{"pagination":{"limit":1000,"offset":60}}`:           "61-110 50",
		`{"pagination":{"page":1}}`:                           "1-50 50",
		`{"pagination":{"page":0}}`:                           "1-50 50",
		`{"pagination":{"page":3}}`:                           "101-130 30",
		`{"pagination":{"page":4}}`:                           "none",
		`{"pagination":{"page":2,"limit":10}}`:                "11-20 10",
		`{"pagination":{"page":2,"limit":10,"offset":99}}`:    "11-20 10",
		`{"pagination":{"page":2,"limit":100}}`:               "101-130 30", // rows 51 to 100 are in no page
		`{"pagination":{"offset":129}}`:                       "130-130 1",
		`{"order":{"id":"DESC"}}`:                             "130-81 50",
		`{"order":{"id":"desc"},"pagination":{"offset":125}}`: "5-1 5",
		`{"order":{"name":"ASC"},"filter":["id","<",100]}`:    "1-50 50",
		`{"order":{"groupId":"DESC","id":"DESC"}}`:            "130-32 50",
		`{"order":{"price":"ASC"},"pagination":{"limit":2}}`:  "3-6 2", // without a price comes first
		`{"filter":["id",">",50],"order":{"id":"ASC"}}`:       "51-100 50",
		`{"filter":["id",">",100],"order":{"id":"ASC"}}`:      "101-130 30",
		`{"filter":["id",">",130]}`:                           "none",
		`{"cursor":{"field":"id","value":50}}`:                "1-50 50", // a list does not look at a cursor
		`{"start":50}`:                                        "1-50 50",
	} {
		assert.Equal(t, want, pageV3(t, p, "shop.good.list", body), body)
	}
	assert.NotEqual(t, "1-50 50", pageV3(t, p, "shop.good.list", `{"order":{}}`), "an empty order is none, not the default")
}

func TestMaxLimitV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 300, b24test.WithMaxLimitV3(20), b24test.WithMaxLimitV3(250, "shop.GOOD.list"))
	p.V3().Define("shop.good", b24test.EntityV3{Limit: 25, MaxLimit: 200})
	assert.Equal(t, "1-25 25", pageV3(t, p, "shop.good.list", `{}`))
	assert.Equal(t, "1-250 250", pageV3(t, p, "shop.good.list", `{"pagination":{"limit":1000}}`))
	assert.Equal(t, "1-20 20", pageV3(t, p, "shop.good.tail", `{"cursor":{"field":"id","value":0,"limit":100}}`))

	q := goodsV3(t, 300)
	q.V3().Define("shop.good", b24test.EntityV3{MaxLimit: 30})
	assert.Equal(t, "1-30 30", pageV3(t, q, "shop.good.list", `{}`))
	q.V3().Define("shop.good", b24test.EntityV3{MaxLimit: 1000})
	assert.Equal(t, "1-50 50", pageV3(t, q, "shop.good.list", `{}`))
	assert.Equal(t, "1-300 300", pageV3(t, q, "shop.good.list", `{"pagination":{"limit":5000}}`))
	q.V3().SeedN("mail.message", 300, func(int) b24.Params { return b24.Params{} })
	assert.Equal(t, "1-25 25", pageV3(t, q, "mail.message.list", `{}`))
	assert.Equal(t, "1-200 200", pageV3(t, q, "mail.message.list", `{"pagination":{"limit":1000}}`))
}

func TestTailV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	assert.Equal(t, "none", pageV3(t, p, "main.eventlog.tail", `{}`))
	p.V3().SeedN("main.eventlog", 120, func(i int) b24.Params {
		return b24.Params{"auditTypeId": "LOGIN", "userId": i/2 + 1, "timestampX": "2026-03-01T10:00:00+03:00"}
	})
	for body, want := range map[string]string{
		`{}`:                                                                       "1-50 50",
		`{"cursor":{"field":"id","value":0}}`:                                      "1-50 50",
		`{"cursor":{"field":"id","value":50}}`:                                     "51-100 50",
		`{"cursor":{"field":"id","value":100}}`:                                    "101-120 20",
		`{"cursor":{"field":"id","value":120}}`:                                    "none",
		`{"cursor":{"field":"id","value":50,"limit":3}}`:                           "51-53 3",
		`{"cursor":{"field":"id","value":50,"order":"DESC","limit":3}}`:            "49-47 3",
		`{"cursor":{"field":"id","value":0,"order":"DESC"}}`:                       "none",
		`{"cursor":{"field":"userId","value":2,"limit":2}}`:                        "5-6 2",
		`{"cursor":{"field":"userId","value":2,"limit":1},"select":["id"]}`:        "5-5 1", // the next cursor would skip 6
		`{"cursor":{"field":"id","value":0,"limit":2},"filter":["userId",[7,9]]}`:  "13-14 2",
		`{"cursor":{"field":"id","value":14,"limit":2},"filter":["userId",[7,9]]}`: "17-18 2",
	} {
		assert.Equal(t, want, pageV3(t, p, "main.eventlog.tail", body), body)
	}
	for body, want := range map[string]string{
		`{"cursor":{"value":1}}`:                           "VALIDATION_REQUESTVALIDATIONEXCEPTION",
		`{"cursor":{"field":"id"}}`:                        "VALIDATION_REQUESTVALIDATIONEXCEPTION",
		`{"cursor":{"field":"id","value":null}}`:           "VALIDATION_REQUESTVALIDATIONEXCEPTION",
		`{"cursor":{"field":"id","value":"50"}}`:           "VALIDATION_REQUESTVALIDATIONEXCEPTION",
		`{"cursor":{"field":"severity","value":"x"}}`:      "VALIDATION_REQUESTVALIDATIONEXCEPTION", // not sortable
		`{"cursor":{"field":"none","value":1}}`:            "UNKNOWNDTOPROPERTYEXCEPTION",
		`{"cursor":{"field":"id","value":1,"order":"up"}}`: "INVALIDORDEREXCEPTION",
		`{"cursor":{"field":"id","value":1,"limit":0}}`:    "INVALIDPAGINATIONEXCEPTION",
		`{"cursor":{"field":"id","value":1,"limit":-5}}`:   "INTERNAL_INTERNALEXCEPTION",
		`{"cursor":5}`:            "VALIDATION_REQUESTVALIDATIONEXCEPTION",
		`{"filter":["id",">",5]}`: "INVALIDFILTEREXCEPTION",
		`{"cursor":{"field":"userId","value":1},"filter":[{"logic":"or","conditions":[["userId",1]]}]}`: "INVALIDFILTEREXCEPTION",
	} {
		assert.Equal(t, want, codeOf(t, callV3(t, p, "main.eventlog.tail", body)), body)
	}
	a := callV3(t, p, "main.eventlog.tail", `{"filter":["id",1]}`)
	assert.Equal(t, "Unable to recognize filter expression `Cursor field id cannot be used at filter.`", a.field(t, "error", "message"))
}

// An id that the rows tell as text is compared with text, and by its number.
func TestTailOfTextIDsV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.V3().SeedN("shop.good", 120, func(i int) b24.Params { return b24.Params{"id": strconv.Itoa(i + 1)} })
	assert.Equal(t, "51-100 50", pageV3(t, p, "shop.good.tail", `{"cursor":{"field":"id","value":"50"}}`))
	assert.NotEmpty(t, codeOf(t, callV3(t, p, "shop.good.tail", `{"cursor":{"field":"id","value":50}}`)))
}

func TestNotesV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.V3().SeedN("note.collection", 5, func(i int) b24.Params { return b24.Params{"name": "n", "position": 300 - i/2*100} })
	// positions 300 300 200 200 100
	for body, want := range map[string]string{
		`{}`:                         `5 3 4 1 2 <nil>`,
		`{"pagination":{"limit":2}}`: `5 3 map[id:3 position:200]`,
		`{"pagination":{"limit":2,"afterCursor":{"position":200,"id":3}}}`:        `4 1 map[id:1 position:300]`,
		`{"pagination":{"limit":2,"afterCursor":{"position":300,"id":1}}}`:        `2 <nil>`,
		`{"pagination":{"limit":2,"page":2,"offset":2}}`:                          `5 3 map[id:3 position:200]`,
		`{"pagination":{"limit":2,"afterCursor":{"id":1}}}`:                       `5 3 map[id:3 position:200]`,
		`{"pagination":{"limit":2,"afterCursor":"x"}}`:                            `5 3 map[id:3 position:200]`,
		`{"pagination":{"limit":2,"afterCursor":{"position":"200","id":"4"}}}`:    `1 2 <nil>`,
		`{"pagination":{"limit":"x"}}`:                                            `5 3 4 1 2 <nil>`,
		`{"pagination":{"limit":-2}}`:                                             `5 3 4 1 2 <nil>`,
		`{"pagination":{"limit":5}}`:                                              `5 3 4 1 2 <nil>`,
		`{"pagination":7}`:                                                        `5 3 4 1 2 <nil>`,
		`{"pagination":{"limit":2,"afterCursor":{"position":999,"id":1}},"x":[]}`: `<nil>`,
	} {
		a := callV3(t, p, "note.collection.list", body)
		require.Empty(t, codeOf(t, a), "%s: %s", body, a.Body)
		got := append(a.ids(t, "id", "result", "items"), fmt.Sprint(a.field(t, "result", "nextCursor")))
		assert.Equal(t, want, strings.Join(got, " "), body)
	}
	p.V3().SeedN("note.collection", 250, func(int) b24.Params { return b24.Params{"position": 500} })
	for limit, want := range map[string]int{"0": 50, "200": 200, "201": 200} {
		a := callV3(t, p, "note.collection.list", `{"pagination":{"limit":`+limit+`}}`)
		assert.Len(t, a.ids(t, "id", "result", "items"), want, limit)
	}
}

func TestRelationsV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.V3().Seed("user", b24.Params{"id": 1, "name": "Ann", "email": "ann@example.com", "bossId": 2}, b24.Params{"id": 2, "name": "Bob", "email": nil})
	p.V3().Seed("tasks.task",
		b24.Params{"id": 1, "title": "a", "responsibleId": 1, "accompliceIds": []int{2, 1}},
		b24.Params{"id": 2, "title": "b", "responsibleId": 77, "parentId": 1, "accompliceIds": []int{}},
		b24.Params{"id": 3, "title": "c", "responsibleId": nil},
	)
	for sel, want := range map[string]string{
		`["title","responsible.name"]`:                  `[{"title":"a","responsible":{"name":"Ann"}},{"title":"b","responsible":null},{"title":"c"}]`,
		`["responsible.name","responsible.email","id"]`: `[{"id":1,"responsible":{"email":"ann@example.com","name":"Ann"}},{"id":2,"responsible":null},{"id":3}]`,
		`["responsible"]`:                               `[{"responsible":{"id":1,"bossId":2,"email":"ann@example.com","name":"Ann"}},{"responsible":null},[]]`,
		`["responsible.name","responsible"]`:            `[{"responsible":{"id":1,"bossId":2,"email":"ann@example.com","name":"Ann"}},{"responsible":null},[]]`,
		`["accomplices.id"]`:                            `[{"accomplices":[{"id":2},{"id":1}]},{"accomplices":[]},[]]`,
		`["parent.responsible.name","parent.title"]`:    `[[],{"parent":{"title":"a","responsible":{"name":"Ann"}}},[]]`,
		`["group.name"]`:                                `[[],[],[]]`,
	} {
		a := callV3(t, p, "tasks.task.list", `{"select":`+sel+`}`)
		require.Empty(t, codeOf(t, a), "%s: %s", sel, a.Body)
		assert.JSONEq(t, `{"items":`+want+`}`, resultText(t, a), sel)
	}
	a := callV3(t, p, "tasks.task.get", `{"id":1,"select":["responsible.stageId"]}`)
	assert.Equal(t, "Unknown field `stageId` for entity `UserDto`", a.field(t, "error", "message"))
	a = callV3(t, p, "tasks.task.get", `{"id":1}`)
	assert.JSONEq(t, `{"item":{"id":1,"accompliceIds":[2,1],"responsibleId":1,"title":"a"}}`, resultText(t, a), "a relation is told only if it was asked for")

	p.V3().Seed("user", b24.Params{"id": 2, "name": "Bob", "bossId": 1})
	p.V3().Define("user", b24test.EntityV3{Relations: map[string]b24test.RelationV3{"boss": {Entity: "user"}, "tasks": {Entity: "tasks.task", From: "id", To: "responsibleId", Many: true}}})
	a = callV3(t, p, "user.get", `{"id":1,"select":["boss.boss.name","tasks.title"]}`)
	assert.JSONEq(t, `{"item":{"boss":{"boss":{"name":"Ann"}},"tasks":[{"title":"a"}]}}`, resultText(t, a))
}

// The related rows of a page are a page themselves: the 51st is lost.
func TestRelationsBeyondOnePageV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.V3().Define("shop.order", b24test.EntityV3{Relations: map[string]b24test.RelationV3{"lines": {Entity: "shop.line", From: "id", To: "orderId", Many: true}}})
	p.V3().Seed("shop.order", b24.Params{}, b24.Params{})
	p.V3().SeedN("shop.line", 80, func(i int) b24.Params { return b24.Params{"orderId": i/40 + 1} })
	a := callV3(t, p, "shop.order.list", `{"select":["lines.id"]}`)
	assert.Len(t, a.ids(t, "id", "result", "items", 0, "lines"), 40)
	assert.Len(t, a.ids(t, "id", "result", "items", 1, "lines"), 10)
}
