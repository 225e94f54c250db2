package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// crm is a portal with a few records.
func crm(t *testing.T) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"ID": 7, "ASSIGNED_BY_ID": 12}, b24.Params{"ID": 8})
	p.Seed("crm.contact", b24.Params{"ID": 3})
	p.Seed("crm.item:177", b24.Params{"id": 19})
	return p
}

func TestActivities(t *testing.T) {
	t.Parallel()
	p := crm(t)
	const owner = `"OWNER_TYPE_ID":2,"OWNER_ID":7,"SUBJECT":"s"`
	walk(t, p, []step{
		{"crm.activity.add", `{"fields":{}}`, `!The field SUBJECT is not defined or empty.`},
		{"crm.activity.add", `{"fields":{` + owner + `}}`, `!The field TYPE_ID is not defined or invalid.`},
		{"crm.activity.add", `{"fields":{` + owner + `,"TYPE_ID":3}}`, `!The activity type "Task is not supported in current context".`},
		{"crm.activity.add", `{"fields":{` + owner + `,"TYPE_ID":6}}`, `!The custom activity without provider is not supported in current context.`},
		{"crm.activity.add", `{"fields":{` + owner + `,"TYPE_ID":1}}`, `!The field COMMUNICATIONS is not defined or invalid.`},
		{"crm.activity.add", `{"fields":{` + owner + `,"TYPE_ID":2,"COMMUNICATIONS":[{"VALUE":"a@b.c","TYPE":"EMAIL"}]}}`, `!The field COMMUNICATIONS is not defined or invalid.`},
		{"crm.activity.add", `{"fields":{` + owner + `,"TYPE_ID":2,"COMMUNICATIONS":[{"VALUE":"1"},{"VALUE":"2"}]}}`, `!The only one communication is allowed for activity of specified type.`},
		{"crm.activity.add", `{"fields":{"SUBJECT":"s","TYPE_ID":6,"PROVIDER_ID":"x"}}`, `!Could not build binding. Please ensure that owner info and communications are defined correctly.`},
		{"crm.activity.add", `{"fields":{"OWNER_TYPE_ID":2,"OWNER_ID":99,"SUBJECT":"s","TYPE_ID":1,"COMMUNICATIONS":[{"VALUE":"1"}]}}`, `!Could not find 'DEAL' with ID: 99`},
		{"crm.activity.add", `{"fields":{` + owner + `,"TYPE_ID":2,"START_TIME":"2025-05-20T14:00:00","COMMUNICATIONS":[{"VALUE":"+49","ENTITY_ID":3,"ENTITY_TYPE_ID":3}],"NOPE":1}}`, `1`},
		{"crm.activity.get", `{"id":1}`, `{"ID":"1","OWNER_ID":"7","TYPE_ID":"2","RESPONSIBLE_ID":"12","COMPLETED":"N","PROVIDER_ID":"VOXIMPLANT_CALL","DEADLINE":"2025-05-20T14:00:00+00:00"}`},
		{"crm.activity.list", `{"filter":{"BINDINGS":[{"OWNER_TYPE_ID":3,"OWNER_ID":3}],"COMPLETED":"N"},"select":["ID","COMMUNICATIONS"]}`, `[{"ID":"1","COMMUNICATIONS":[{"VALUE":"+49","ENTITY_ID":"3","TYPE":"PHONE"}]}]`},
		{"crm.activity.list", `{"filter":{"OWNER_TYPE_ID":2,"OWNER_ID":7}}`, `[{"ID":"1"}]`},
		{"crm.activity.update", `{"id":1,"fields":{"COMPLETED":"Y"}}`, `true`},
		{"crm.activity.list", `{"filter":{"COMPLETED":"N"}}`, `[]`},
		{"crm.activity.delete", `{"id":9}`, `!Activity is not found.`},
		{"crm.activity.delete", `{"id":1}`, `true`},
	})
}

func TestPlansAndBindings(t *testing.T) {
	t.Parallel()
	p := crm(t)
	const todo, deal = "crm.activity.todo.", `"ownerTypeId":2,"ownerId":7`
	walk(t, p, []step{
		{todo + "add", `{"ownerId":7,"deadline":"2030-01-01"}`, `!100 Could not find value for parameter {ownerTypeId}`},
		{todo + "add", `{"ownerTypeId":2,"ownerId":99,"deadline":"2030-01-01"}`, `!OWNER_NOT_FOUND Owner was not found`},
		{todo + "add", `{` + deal + `,"deadline":"soon"}`, `!WRONG_DATETIME_FORMAT Wrong date format`},
		{todo + "add", `{` + deal + `,"deadline":"2030-01-01T10:00:00+00:00","title":"Call","responsibleId":5}`, `{"id":1}`},
		{"crm.activity.list", `{"filter":{"BINDINGS":[{"OWNER_TYPE_ID":2,"OWNER_ID":7},{"OWNER_TYPE_ID":2,"OWNER_ID":8}]}}`, `[{"ID":"1","OWNER_ID":"7","SUBJECT":"Call","RESPONSIBLE_ID":"5","PROVIDER_ID":"CRM_TODO"}]`},
		{todo + "update", `{"id":1,` + deal + `,"deadline":"2031-01-01","description":"d"}`, `{"id":1}`},
		{todo + "update", `{"id":4,` + deal + `,"deadline":"2031-01-01"}`, `!NOT_FOUND Not found`},
		{todo + "updateDeadline", `{"id":1,` + deal + `,"value":"2032-01-01"}`, `{"id":1}`},
		{todo + "updateResponsibleUser", `{"id":1,` + deal + `,"responsibleId":0}`, `!INVALID_ARG_VALUE Parameter "responsibleId" must be greater than 0`},
		{"crm.activity.get", `{"id":1}`, `{"DEADLINE":"2032-01-01T00:00:00+00:00","DESCRIPTION":"d","SUBJECT":"Call"}`},
		{"crm.activity.binding.list", `{"activityId":1}`, `[{"entityTypeId":2,"entityId":7}]`},
		{"crm.activity.binding.add", `{"activityId":1,"entityTypeId":3,"entityId":3}`, `true`},
		{"crm.activity.binding.add", `{"activityId":1,"entityTypeId":3,"entityId":3}`, `!ACTIVITY_IS_ALREADY_BOUND Activity is already bound to this entity`},
		{"crm.activity.binding.move", `{"activityId":1,"sourceEntityTypeId":2,"sourceEntityId":7,"targetEntityTypeId":2,"targetEntityId":8}`, `true`},
		{"crm.activity.binding.list", `{"activityId":1}`, `[{"entityTypeId":3,"entityId":3},{"entityTypeId":2,"entityId":8}]`},
		{"crm.activity.binding.delete", `{"activityId":1,"entityTypeId":2,"entityId":7}`, `!BINDING_NOT_FOUND Binding not found`},
		{"crm.activity.binding.delete", `{"activityId":1,"entityTypeId":2,"entityId":8}`, `true`},
		{"crm.activity.binding.delete", `{"activityId":1,"entityTypeId":3,"entityId":3}`, `!LAST_BINDING_CANNOT_BE_DELETED Last binding cannot be deleted`},
		{"crm.activity.update", `{"id":1,"fields":{"COMPLETED":"Y"}}`, `true`},
		{todo + "updateDescription", `{"id":1,` + deal + `,"value":"x"}`, `!CAN_NOT_UPDATE_COMPLETED_TODO Can not update completed todo`},
	})
	assert.Equal(t, "3", row(t, p, "crm.activity", 0)["OWNER_TYPE_ID"], "the owner is one that it is still bound to")
}

func TestComments(t *testing.T) {
	t.Parallel()
	p := crm(t)
	const comment = "crm.timeline.comment."
	walk(t, p, []step{
		{comment + "add", `{"fields":{"ENTITY_ID":19,"ENTITY_TYPE":"DYNAMIC_177","COMMENT":" "}}`, `!INVALID_ARG_VALUE Empty comment message`},
		{comment + "add", `{"fields":{"ENTITY_ID":20,"ENTITY_TYPE":"DYNAMIC_177","COMMENT":"c"}}`, `!OWNER_NOT_FOUND Owner was not found`},
		{comment + "add", `{"fields":{"ENTITY_ID":19,"ENTITY_TYPE":"DYNAMIC_177","COMMENT":"c"}}`, `1`},
		{comment + "list", `{"filter":{"ENTITY_ID":19,"ENTITY_TYPE":"DYNAMIC_177"},"order":{"ID":"DESC"}}`, `[{"ID":"1","ENTITY_TYPE":"dynamic_177","COMMENT":"c","AUTHOR_ID":"1"}]`},
		{comment + "update", `{"id":1,"fields":{"COMMENT":"d"}}`, `1`},
		{comment + "update", `{"id":2,"fields":{"COMMENT":"d"}}`, `!NOT_FOUND Not found`},
		{comment + "get", `{"id":1}`, `{"ENTITY_ID":"19","COMMENT":"d"}`},
		{comment + "delete", `{"id":1}`, `null`},
		{comment + "get", `{"id":1}`, `!Not found`},
	})
}
