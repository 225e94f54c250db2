package scan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// What is added to a filter does not change what the caller asked for, or nothing is added.
func TestPlanOfFilters(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		method, params string
		way            scan.Paging
		want           string // of the first page; a chained reading's second one is asked for behind a bound
		why            string
	}{
		"conditions of users beside the filter": {
			"user.get", `{"UF_DEPARTMENT":1,"ADMIN_MODE":true,"sort":"ID","order":"asc"}`, scan.PagingChained,
			`{"ADMIN_MODE":true,"FILTER":{"UF_DEPARTMENT":1},"sort":"ID","order":"ASC","start":-1}`, "",
		},
		"bounds of users beside the filter": {
			"user.search", `{"FIND":"x",">ID":7}`, scan.PagingChained, `{"FILTER":{"FIND":"x",">ID":7},"sort":"ID","order":"ASC","start":-1}`, "",
		},
		"users in another order": {
			"user.get", `{"UF_DEPARTMENT":1,"sort":"NAME","order":"ASC"}`, scan.PagingOffset,
			`{"sort":"NAME","order":"ASC","UF_DEPARTMENT":1,"start":0}`, "another order",
		},
		"a filter of users that is none": {
			"user.get", `{"FILTER":null,"ACTIVE":1}`, scan.PagingChained, `{"FILTER":{"ACTIVE":1},"sort":"ID","order":"ASC","start":-1}`, "",
		},
		"alternatives of an item": {
			"crm.item.list", `{"entityTypeId":2,"filter":{"logic":"OR",">id":500,"stageId":"NEW"}}`, scan.PagingChained,
			`{"entityTypeId":2,"filter":{"0":{"logic":"OR",">id":500,"stageId":"NEW"}},"order":{"id":"ASC"},"start":-1}`, "",
		},
		"conditions of an item that all hold": {
			"crm.item.list", `{"entityTypeId":2,"filter":{"logic":"AND",">id":500}}`, scan.PagingChained,
			`{"entityTypeId":2,"filter":{"logic":"AND",">id":500},"order":{"id":"ASC"},"start":-1}`, "",
		},
		"alternatives in a group": {
			"crm.item.list", `{"entityTypeId":2,"filter":{"0":{"logic":"OR",">id":500,"stageId":"NEW"},">=id":3}}`, scan.PagingChained,
			`{"entityTypeId":2,"filter":{"0":{"logic":"OR",">id":500,"stageId":"NEW"},">id":2},"order":{"id":"ASC"},"start":-1}`, "",
		},
		"a list of groups": {
			"crm.item.list", `{"entityTypeId":2,"filter":[{"logic":"OR",">id":500,"stageId":"NEW"}]}`, scan.PagingChained,
			`{"entityTypeId":2,"filter":{"0":{"logic":"OR",">id":500,"stageId":"NEW"}},"order":{"id":"ASC"},"start":-1}`, "",
		},
		"a joining that the portal does not know": {
			"crm.deal.list", `{"filter":{"LOGIC":"AND",">ID":500,"STAGE_ID":"NEW"}}`, scan.PagingChained,
			`{"filter":{"LOGIC":"AND","STAGE_ID":"NEW",">ID":500},"order":{"ID":"ASC"},"start":-1}`, "",
		},
		"alternatives without groups": {
			"sonet_group.get", `{"FILTER":{"LOGIC":"or","NAME":"x"}}`, scan.PagingOffset, `{"ORDER":{"ID":"ASC"},"FILTER":{"LOGIC":"or","NAME":"x"},"start":0}`,
			"one more alternative",
		},
		"alternatives of tasks": {
			"tasks.task.list", `{"filter":{"::LOGIC":"OR","STATUS":2}}`, scan.PagingOffset, `{"order":{"ID":"ASC"},"filter":{"::LOGIC":"OR","STATUS":2},"start":0}`,
			"one more alternative",
		},
		"alternatives of a method that nothing is known of": {
			"bizproc.activity.list", "", scan.PagingOnce, `{}`, "",
		},
		"only root tasks": {
			"tasks.task.list", `{"filter":{"ONLY_ROOT_TASKS":"Y"}}`, scan.PagingOffset, `{"order":{"ID":"ASC"},"filter":{"ONLY_ROOT_TASKS":"Y"},"start":0}`,
			"ONLY_ROOT_TASKS",
		},
		"a bound in another letter case is one": {
			"bizproc.workflow.template.list", `{"FILTER":{">ID":7}}`, scan.PagingChained, `{"FILTER":{">ID":7},"ORDER":{"ID":"ASC"},"start":-1}`, "",
		},
		"a bound in any letter case": {
			"lists.element.get", `{"FILTER":{">id":7}}`, scan.PagingChained, `{"FILTER":{">ID":7},"ELEMENT_ORDER":{"ID":"ASC"},"start":-1}`, "",
		},
		"items of several contacts by another order": {
			"crm.item.list", `{"entityTypeId":2,"filter":{"@contactIds":[1,2]},"order":{"title":"ASC"}}`, scan.PagingOffset,
			`{"order":{"title":"ASC","id":"ASC"},"entityTypeId":2,"filter":{"@contactIds":[1,2]},"start":0}`, "another order",
		},
		"a field that the portal puts last in an order": {
			"crm.deal.list", `{"order":{"STAGE_ID":"ASC"}}`, scan.PagingOffset, `{"order":{"STAGE_ID":"ASC"},"start":0}`, "another order",
		},
		"tasks of processes by user": {
			"bizproc.task.list", `{"SELECT":["ID","USER_STATUS"]}`, scan.PagingOffset,
			`{"ORDER":{"ID":"ASC","USER_ID":"ASC"},"SELECT":["ID","USER_STATUS","USER_ID"],"start":0}`, "each match",
		},
		"a select of another spelling": {
			"crm.deal.list", `{"select":["id"]}`, scan.PagingChained, `{"select":["id","ID"],"order":{"ID":"ASC"},"start":-1}`, "",
		},
		"directions in small letters": {
			"crm.timeline.logmessage.list", `{"entityTypeId":2}`, scan.PagingOffset, `{"order":{"id":"asc"},"entityTypeId":2,"offset":0}`, "",
		},
		"paging in a parameter": {
			"imopenlines.config.list.get", `{"PARAMS":{"select":["ID"]}}`, scan.PagingOffset, `{"PARAMS":{"select":["ID"],"limit":200,"offset":0}}`, "",
		},
		"paging in a parameter that is not there": {
			"imopenlines.config.list.get", ``, scan.PagingOffset, `{"PARAMS":{"limit":200,"offset":0}}`, "",
		},
		"relations": {
			"sale.propertyrelation.list", `{"select":["propertyId"]}`, scan.PagingOffset,
			`{"order":{"propertyId":"ASC","entityId":"ASC","entityType":"ASC"},"select":["propertyId","entityId","entityType"],"start":0}`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			way, calls, why, err := scan.FirstCalls(method(row.method, row.params))

			require.NoError(t, err)
			assert.Equal(t, row.way, way)
			assert.Equal(t, row.want, calls[0])
			assert.Contains(t, why, row.why)
			assert.Equal(t, row.why == "", why == "")
		})
	}
}

// Where a bound would be one alternative more, the way that needs one is refused.
func TestBoundsThatCannotBeAdded(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{
		paged(method("sonet_group.get", `{"FILTER":{"LOGIC":"OR","NAME":"x"}}`), scan.PagingKeyset),
		paged(method("partner.thing.list", `{"filter":{"logic":"OR","NAME":"x"}}`), scan.PagingChained),
		paged(method("partner.thing.list", `{"filter":{">id":5}}`), scan.PagingChained),
		paged(method("sale.paysystem.list", ""), scan.PagingOffset),
	} {
		_, _, _, err := scan.FirstCalls(o)
		require.ErrorIs(t, err, scan.ErrUnsupported, "%s", o.Params)
	}
	named := method("sale.paysystem.list", "")
	named.CursorKey, named.Paging = "ID", scan.PagingKeyset
	_, _, _, err := scan.FirstCalls(named)
	require.ErrorIs(t, err, scan.ErrUnsupported)
}

// The two shapes in which the same bound stands twice: the portal takes one of them.
func TestBoundsInTwoSpellings(t *testing.T) {
	t.Parallel()
	_, _, _, err := scan.FirstCalls(method("lists.element.get", `{"FILTER":{">id":7,">ID":9}}`))
	require.ErrorIs(t, err, scan.ErrParams)
	assert.ErrorContains(t, err, "both >id and >ID")
}
