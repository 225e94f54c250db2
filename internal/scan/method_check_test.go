package scan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// What a portal would not heed, without an error, is found in a call and in a list.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		method string
		v3     bool
		params string
		param  string // empty: there is no problem
		text   string
	}{
		{method: "crm.deal.list", params: `{"filter":{"@STAGE_ID":[]}}`, param: "filter.@STAGE_ID", text: "empty list"},
		{method: "crm.deal.list", params: `{"FILTER":{"=STAGE_ID":{}}}`, param: "FILTER.=STAGE_ID", text: "empty list"},
		{method: "crm.deal.list", params: `{"filter":{"STAGE_ID":[]}}`, param: "filter.STAGE_ID", text: "all rows would match"},
		{method: "crm.deal.list", params: `{"filter":{">DATE_CREATE":[]}}`, param: "filter.>DATE_CREATE", text: "empty list"},
		{method: "crm.deal.list", params: `{"filter":{"@STAGE_ID":null}}`, param: "filter.@STAGE_ID", text: "empty list"},
		{method: "crm.deal.list", params: `{"filter":{"!STAGE_ID":[],"!@TYPE_ID":null,"!=OPENED":{}}}`},
		{method: "crm.deal.list", params: `{"filter":{"STAGE_ID":null,"TITLE":false,"OPENED":""}}`},
		{method: "crm.deal.list", params: `{"filter":{"@ID":[]}}`, param: "filter", text: "empty list of ID"},
		{method: "crm.deal.list", params: `{"filter":[]}`},
		{method: "crm.deal.list", params: `{"filter":null}`},
		{method: "crm.deal.list", params: `[1]`},
		{method: "crm.deal.list", params: `{"filter":{"stage_id":"NEW"}}`, param: "filter.stage_id", text: "in capitals"},
		{method: "crm.deal.list", params: `{"filter":{">=dateCreate":"2026-01-01"}}`, param: "filter.>=dateCreate", text: "in capitals"},
		{method: "crm.deal.list", params: `{"filter":{"UF_CRM_1":1,"PARENT_ID_128":2,"%TITLE":"x"}}`},
		{method: "crm.deal.list", params: `{"filter":{"=>DATE_MODIFY":"2026-01-01"}}`, param: "filter.=>DATE_MODIFY", text: "write >="},
		{method: "crm.contact.list", params: `{"filter":{"<>NAME":"x"}}`, param: "filter.<>NAME", text: "write !="},
		{method: "crm.status.list", params: `{"filter":{"=<SORT":5}}`, param: "filter.=<SORT", text: "write <="},
		{method: "tasks.task.list", params: `{"filter":{"===STATUS":5}}`, param: "filter.===STATUS", text: "write ="},
		{method: "user.get", params: `{"FILTER":{"!!NAME":"x"}}`, param: "FILTER.!!NAME", text: "no method knows"},
		{method: "crm.item.list", params: `{"entityTypeId":2,"filter":{"0":{"=>id":5}}}`, param: "filter.0.=>id", text: "write >="},
		{method: "crm.deal.list", params: `{"filter":{"> ID":5}}`, param: "filter.> ID", text: "a blank"},
		{method: "crm.deal.list", params: `{"filter":{"TITLE ":"x"}}`, param: "filter.TITLE ", text: "a blank"},
		{method: "crm.deal.list", params: `{"filter":{"==TITLE":"x"}}`, param: "filter.==TITLE", text: "operator"},
		{method: "crm.activity.list", params: `{"filter":{"><DEADLINE":["a","b"]}}`, param: "filter.><DEADLINE", text: "operator"},
		{method: "crm.item.list", params: `{"entityTypeId":2,"filter":{"==title":"x","!==opened":true,"><id":[1,2],"!><id":[1,2],"!=%title":"x","!%=title":"x"}}`},
		{method: "crm.deal.list", params: `{"filter":{"+>TITLE":"x","!+=%TITLE":"x","!~TITLE":"x","*%TITLE":"x","!@ID":[1],"?TITLE":"x"}}`},
		{method: "crm.deal.list", params: `{"filter":{"LOGIC":"OR","ID":5}}`, param: "filter.LOGIC", text: "unknown to this method"},
		{method: "crm.deal.get", params: `{"filter":{"@STAGE_ID":[]}}`},
		{method: "crm.status.list", params: `{"filter":{"ENTITY_ID":[]}}`, param: "filter.ENTITY_ID", text: "empty list"},
		{method: "partner.thing.list", params: `{"filter":{"@A":[]}}`},
		{method: "tasks.task.list", params: `{"filter":{"responsibleId":5}}`, param: "filter.responsibleId", text: "in capitals"},
		{method: "tasks.task.list", params: `{"filter":{"::SUBFILTER-1":{"GROUP_ID":[]}}}`, param: "filter.::SUBFILTER-1.GROUP_ID", text: "empty list"},
		{method: "tasks.task.list", params: `{"FILTER":{"RESPONSIBLE_ID":5}}`, param: "FILTER", text: "knows filter"},
		{method: "crm.item.list", params: `{"entityTypeId":2,"FILTER":{"stageId":"NEW"}}`, param: "FILTER", text: "knows filter"},
		{method: "crm.item.list", params: `{"entityTypeId":2,"Order":{"id":"ASC"}}`, param: "Order", text: "knows order"},
		{method: "crm.item.list", params: `{"entityTypeId":2,"filter":{"0":{}}}`, param: "filter.0", text: "empty group"},
		{method: "crm.item.list", params: `{"entityTypeId":2,"filter":[{"logic":"OR","@stageId":[]}]}`, param: "filter.0.@stageId", text: "empty list"},
		{method: "crm.item.list", params: `{"entityTypeId":2,"filter":{"logic":"or","stageId":"NEW"}}`, param: "filter.logic", text: `neither "OR" nor "AND"`},
		{method: "crm.item.list", params: `{"entityTypeId":2,"filter":{"0":{"logic":"Or","stageId":"NEW"}}}`, param: "filter.0.logic", text: `neither "OR"`},
		{method: "crm.item.list", params: `{"entityTypeId":2,"filter":{"logic":"OR","@id":[],"stageId":"NEW"}}`, param: "filter.@id", text: "empty list"},
		{method: "tasks.api.scrum.epic.list", params: `{"filter":{"logic":"OR","GROUP_ID":1}}`, param: "filter.logic", text: "is LOGIC"},
		{method: "catalog.store.list", params: `{"filter":{"ACTIVE":"Y"}}`, param: "filter.ACTIVE", text: "xmlId"},
		{method: "sale.order.list", params: `{"filter":{">=dateInsert":"2026-01-01","statusId":"N"}}`},
		{method: "disk.folder.getchildren", params: `{"id":1,"filter":{"@TYPE":["file"]}}`, param: "filter.@TYPE", text: "operator"},
		{method: "bizproc.workflow.template.list", params: `{"FILTER":{"=NAME":"x"}}`, param: "FILTER.=NAME", text: "operator"},
		{method: "department.get", params: `{">ID":5}`, param: "FILTER.>ID", text: "operator"},
		{method: "department.get", params: `{"filter":{"PARENT":1}}`, param: "filter", text: "knows FILTER"},
		{method: "department.get", params: `{"PARENT":1,"sort":"NAME","order":"DESC"}`},
		{method: "user.get", params: `{"FILTER":{"ACTIVE":1},"UF_DEPARTMENT":1}`, param: "UF_DEPARTMENT", text: "forgets it"},
		{method: "user.get", params: `{"FILTER":{},"ID":1}`, param: "ID", text: "forgets it"},
		{method: "user.get", params: `{"FILTER":{"ACTIVE":1},"sort":"ID","ORDER":"ASC","select":["ID"],"admin_mode":1,"START":50,"IMAGE_RESIZE":"small"}`},
		{method: "user.get", params: `{"FILTER":null,"ID":1}`},
		{method: "user.get", params: `{"UF_DEPARTMENT":[]}`, param: "FILTER.UF_DEPARTMENT", text: "empty list"},
		{method: "landing.site.getlist", params: `{"params":{"filter":{"TYPE":[]}}}`, param: "params.filter.TYPE", text: "empty list"},
		{method: "tasks.task.list", v3: true, params: `{"filter":[["status","in",[]]]}`, param: "filter.status", text: "empty list"},
		{method: "tasks.task.list", v3: true, params: `{"filter":["status",[]]}`, param: "filter.status", text: "empty list"},
		{method: "tasks.task.list", v3: true, params: `{"filter":[{"logic":"or","conditions":[["id","in",null]]}]}`, param: "filter.id", text: "empty list"},
		{method: "tasks.task.list", v3: true, params: `{"filter":[{"negative":true,"conditions":[["id","in",[]]]}]}`},
		{method: "tasks.task.list", v3: true, params: `{"filter":[["id","in",[]]]}`, param: "filter", text: "empty list of id"},
		{method: "tasks.task.list", v3: true, params: `{"filter":[["id",">",5]]}`},
	} {
		problem := scan.Check(row.method, row.v3, []byte(row.params))

		if row.param == "" {
			assert.Nil(t, problem, "%s %s", row.method, row.params)
			continue
		}
		require.NotNil(t, problem, "%s %s", row.method, row.params)
		assert.Equal(t, row.param, problem.Param, "%s %s", row.method, row.params)
		assert.Contains(t, problem.Text, row.text, "%s %s", row.method, row.params)
		_, _, _, err := scan.FirstCalls(scan.Options{Method: row.method, V3: row.v3, Params: []byte(row.params)})
		if row.text != "empty list of ID" && row.text != "empty list of id" {
			require.ErrorIs(t, err, scan.ErrParams, "%s %s", row.method, row.params)
		}
	}
}

// The rows of no ids are none, and no request is sent for them.
func TestRowsOfNoIDs(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{
		deal(`{"filter":{"@ID":[]}}`), deal(`{"filter":{"ID":[],"STAGE_ID":"NEW"}}`), deal(`{"filter":{"=ID":null}}`), deal(`{"filter":{"ID":null}}`),
		deal(`{"filter":{"@ID":[]},"order":{"TITLE":"ASC"}}`), paged(deal(`{"filter":{"@ID":{}}}`), scan.PagingOffset),
		method("user.get", `{"ID":[]}`), method("department.get", `{"ID":[]}`), method("tasks.task.list", `{"filter":{"ID":[]}}`),
		method("partner.thing.list", `{"filter":{"@id":[]}}`), method("disk.storage.getlist", `{"filter":{"@ID":[]}}`),
		v3("tasks.task.list", `{"filter":[["id","in",[]],["status","=",2]]}`), v3("tasks.task.list", `{"filter":["id",[]]}`),
	} {
		p := newPortal(120)
		got := read(t, p, o, 0)
		require.NoError(t, got.err, "%s %s", o.Method, o.Params)
		assert.Empty(t, got.ids)
		assert.Empty(t, p.requests)
		assert.True(t, got.report.Complete)
		assert.Equal(t, scan.PagingIDs, got.report.Paging)
	}
}
