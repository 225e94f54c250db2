package scan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// The records of all tasks come in pages, those of one task in one answer.
func TestElapsedPages(t *testing.T) {
	t.Parallel()
	page := func(order, filter, sel string) string {
		return `[0,` + order + `,` + filter + `,` + sel + `,{"NAV_PARAMS":{"nPageSize":50,"iNumPage":1}}]`
	}
	const byID = `{"ID":"asc"}`
	for params, want := range map[string]string{
		``:                     page(byID, `[]`, `[]`),
		`{}`:                   page(byID, `[]`, `[]`),
		`[]`:                   page(byID, `[]`, `[]`),
		`[0]`:                  page(byID, `[]`, `[]`),
		`["0"]`:                page(byID, `[]`, `[]`),
		`{"TASKID":0}`:         page(byID, `[]`, `[]`),
		`[{"USER_ID":"desc"}]`: page(`{"USER_ID":"desc","ID":"asc"}`, `[]`, `[]`),
		`[0,{"id":"desc"}, {">=CREATED_DATE":"2026-01-01"},["ID"]]`: page(`{"id":"desc"}`, `{">=CREATED_DATE":"2026-01-01"}`, `["ID"]`),
		`{"TASKID":0,"ORDER":[],"FILTER":{"!ID":3}}`:                page(byID, `{"!ID":3}`, `[]`),
		`[[],{"USER_ID":1}]`:   page(byID, `{"USER_ID":1}`, `[]`),
		`[0,{},{},[],{}]`:      page(byID, `{}`, `[]`),
		`[7]`:                  `[7]`,
		`{"TASKID":"7"}`:       `{"TASKID":"7"}`,
		`[7,[],{"USER_ID":1}]`: `[7,[],{"USER_ID":1}]`,
		`[0,[],[],[],{"NAV_PARAMS":{"nPageSize":2}}]`: `[0,[],[],[],{"NAV_PARAMS":{"nPageSize":2}}]`,
		`[0,"ID"]`:          `[0,"ID"]`,
		`[0,[],[],[],[],1]`: `[0,[],[],[],[],1]`,
		`[[],[],[],{"NAV_PARAMS":{"iNumPage":2}}]`: `[[],[],[],{"NAV_PARAMS":{"iNumPage":2}}]`,
	} {
		s := said(`[]`).total(0, 0)
		calls := ""
		for _, err := range scan.Pages(t.Context(), caught{s, &calls}, scan.Options{Method: "task.elapseditem.getlist", Params: []byte(params)}, nil) {
			require.NoError(t, err)
		}
		assert.Equal(t, want, calls, params)
	}
}
