package b24test_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A portal reads times as PHP's strtotime does: it drops what it cannot read, and stores whole seconds.
func TestTimesAreStoredAsPHPReadsThem(t *testing.T) {
	t.Parallel()
	const old = "2025-01-01T00:00:00+00:00"
	synctest.Test(t, func(t *testing.T) { // it begins at 2000-01-01
		p := b24test.NewPortal(t)
		p.Define("crm.deal", b24test.Field{Name: "UF_CRM_DAY", Type: "date"}, b24test.Field{Name: "UF_CRM_AT", Type: "datetime"},
			b24test.Field{Name: "UF_CRM_TIMES", Type: "datetime", Multiple: true})
		p.Seed("crm.deal", b24.Params{"CLOSEDATE": old, "UF_CRM_DAY": old, "UF_CRM_AT": old, "LAST_ACTIVITY_TIME": old})
		for _, tt := range []struct {
			written   string
			time, day any
		}{
			{`"yesterday"`, "1999-12-31T00:00:00+00:00", "1999-12-31T00:00:00+00:00"},
			{`"2026-01-02T01:02:03.999999999+03:00"`, "2026-01-01T22:02:03+00:00", "2026-01-01T00:00:00+00:00"},
			{`"2026-01-02T01:02:03Z"`, "2026-01-02T01:02:03+00:00", "2026-01-02T00:00:00+00:00"},
			{`"02.01.2026"`, "2026-01-02T00:00:00+00:00", "2026-01-02T00:00:00+00:00"},
			{`"2026-01-02 01:02:03.5 +0300 MSK"`, "2026-01-01T22:02:03+00:00", "2026-01-01T00:00:00+00:00"},
			{`"2026-01-02 01:02:03.5 +0000 UTC m=+0.1"`, old, old},
			{`"soon"`, old, old},
			{`1767348672`, old, old},
			{`null`, old, old},
			{`false`, old, old},
		} {
			call(t, p, "crm.deal.update", `{"id":1,"fields":{"CLOSEDATE":"`+old+`","UF_CRM_DAY":"`+old+`","UF_CRM_AT":"`+old+`","LAST_ACTIVITY_TIME":"`+old+`"}}`)
			for _, field := range []string{"CLOSEDATE", "UF_CRM_DAY", "UF_CRM_AT", "LAST_ACTIVITY_TIME"} {
				call(t, p, "crm.deal.update", `{"id":1,"fields":{"`+field+`":`+tt.written+`}}`)
			}
			row := p.Rows("crm.deal")[0]
			assert.Equal(t, []any{tt.day, tt.day, tt.time, tt.time}, []any{row["CLOSEDATE"], row["UF_CRM_DAY"], row["UF_CRM_AT"], row["LAST_ACTIVITY_TIME"]}, tt.written)
		}
		call(t, p, "crm.deal.update", `{"id":1,"fields":{"UF_CRM_AT":"","UF_CRM_TIMES":["soon","2026-01-02T00:00:00.5Z"]}}`)
		assert.Nil(t, p.Rows("crm.deal")[0]["UF_CRM_AT"], "the empty text empties a field")
		assert.Equal(t, []any{"2026-01-02T00:00:00+00:00"}, p.Rows("crm.deal")[0]["UF_CRM_TIMES"])

		call(t, p, "crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"ufCrmAt":"2026-01-02T00:00:00.9Z","ufCrmDay":"soon","closedate":null}}`)
		row := p.Rows("crm.deal")[0]
		assert.Equal(t, []any{"2026-01-02T00:00:00+00:00", old}, []any{row["UF_CRM_AT"], row["UF_CRM_DAY"]})
	})
}

// A condition reads its value in the same way, so that a fraction of a second does not hide a row.
func TestTimesInFiltersAreReadAsPHPDoes(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	at := time.Date(2026, 1, 2, 10, 0, 0, 7, time.UTC)
	p.Seed("crm.deal",
		b24.Params{"DATE_MODIFY": at, "CLOSEDATE": "2026-01-02"},
		b24.Params{"DATE_MODIFY": "2026-01-02T13:00:01+03:00", "CLOSEDATE": "2026-01-03T00:00:00+00:00"},
		b24.Params{"TITLE": "no time"})
	for filter, want := range map[string]string{
		`">=DATE_MODIFY":"2026-01-02T10:00:00.9Z"`:                         "1 2",
		`">DATE_MODIFY":"2026-01-02T10:00:00.9Z"`:                          "2",
		`"DATE_MODIFY":"2026-01-02 13:00:00 +0300"`:                        "1",
		`"!DATE_MODIFY":"2026-01-02T10:00:00Z"`:                            "2 3",
		`"@DATE_MODIFY":["2026-01-02T10:00:00.5Z","2026-01-02T10:00:01Z"]`: "1 2",
		`"%DATE_MODIFY":"2026-01-02T10:00:00Z"`:                            "1",
		`">DATE_MODIFY":"2026-01-02"`:                                      "1 2",
		`">DATE_MODIFY":"soon"`:                                            "3",
		`"!>DATE_MODIFY":"soon"`:                                           "1 2",
		`"DATE_MODIFY":""`:                                                 "3",
		`"CLOSEDATE":"2026-01-02T23:59:59Z"`:                               "1",
		`">CLOSEDATE":"2026-01-02T23:59:59Z"`:                              "2",
	} {
		assert.Equal(t, want, listed(t, p, "crm.deal.list", `{"filter":{`+filter+`}}`), filter)
	}
	for filter, want := range map[string]string{
		`">=updatedTime":"2026-01-02T10:00:00.9Z"`: "1 2",
		`">updatedTime":"2026-01-02T10:00:00.9Z"`:  "2",
		`"!=updatedTime":"2026-01-02T10:00:00Z"`:   "2",
		`">updatedTime":"soon"`:                    "",
		`"updatedTime":"soon"`:                     "3",
		`"closedate":"2026-01-02T23:59:59Z"`:       "1",
		`">updatedTime":"2026-01-02"`:              "1 2",
	} {
		assert.Equal(t, want, listed(t, p, "crm.item.list", `{"entityTypeId":2,"filter":{`+filter+`}}`), filter)
	}
	assert.Equal(t, "2026-01-02T10:00:00+00:00", p.Rows("crm.deal")[0]["DATE_MODIFY"], "no row has a fraction")
}

// What the portal answered finds the row again, and what a client writes comes back.
func TestTimesThroughTheClient(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	c := clientOf(t, p)
	written := time.Date(2026, 1, 2, 10, 0, 0, 0, time.FixedZone("", 3*60*60))
	p.Define("crm.deal", b24test.Field{Name: "UF_CRM_AT", Type: "datetime"})
	p.Seed("crm.deal", b24.Params{"TITLE": "a"})
	_, err := c.CallMethod(t.Context(), "crm.deal.update", b24.Params{"id": 1, "fields": b24.Params{"UF_CRM_AT": written}})
	require.NoError(t, err)
	var deals []struct {
		At b24.DateTime `json:"UF_CRM_AT"`
	}
	r, err := c.CallMethod(t.Context(), "crm.deal.list", b24.Params{"select": []string{"UF_CRM_AT"}, "filter": b24.Params{"UF_CRM_AT": written}})
	require.NoError(t, err)
	require.NoError(t, r.Decode(&deals))
	require.Len(t, deals, 1)
	assert.True(t, deals[0].At.Equal(written), deals[0].At)
}

// tasks.task.list takes what is no time for the year 1970.
func TestTimesInFiltersOfTasks(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("tasks.task", b24.Params{"TITLE": "a", "DEADLINE": "2026-01-02T10:00:00+00:00"}, b24.Params{"TITLE": "b"})
	for filter, want := range map[string]string{
		`">=DEADLINE":"2026-01-02T10:00:00.9Z"`: "1", `">DEADLINE":"soon"`: "1", `"<DEADLINE":"soon"`: "", `">DEADLINE":"2026-01-02 12:00 +0300"`: "1",
	} {
		assert.Equal(t, want, listed(t, p, "tasks.task.list", `{"filter":{`+filter+`}}`), filter)
	}
}
