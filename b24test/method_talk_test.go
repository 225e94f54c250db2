package b24test_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestCalls(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.contact", b24.Params{"ID": 3, "NAME": "Ann", "LAST_NAME": "Lee", "ASSIGNED_BY_ID": 9, "PHONE": "+1 (906) 219-50-47"})
	const external = "telephony.externalcall."
	walk(t, p, []step{
		{external + "register", `{"PHONE_NUMBER":"19062195047","TYPE":1}`, `!ERROR_CORE USER_ID or USER_PHONE_INNER should be set`},
		{external + "register", `{"USER_ID":1,"PHONE_NUMBER":"19062195047","TYPE":9}`, `!ERROR_CORE Unknown TYPE`},
		{external + "register", `{"USER_ID":1,"PHONE_NUMBER":"none","TYPE":1}`, `!ERROR_CORE Unsupported phone number format`},
		{external + "register", `{"USER_ID":1,"PHONE_NUMBER":"1","TYPE":1,"CALL_START_DATE":"now"}`, `!ERROR_CORE CALL_START_DATE should be in the ISO-8601 format`},
		{external + "searchCrmEntities", `{"PHONE_NUMBER":"19062195047"}`, `[{"CRM_ENTITY_TYPE":"CONTACT","CRM_ENTITY_ID":3,"ASSIGNED_BY_ID":9,"NAME":"Ann Lee"}]`},
		{external + "searchCrmEntities", `{}`, `!ERROR_CORE PHONE_NUMBER is empty`},
		{external + "finish", `{"CALL_ID":"x","USER_ID":1}`, `!ERROR_CORE Call is not found (call should be registered prior to finishing)`},
	})
	a := call(t, p, external+"register", `{"USER_ID":1,"PHONE_NUMBER":"19062195047","TYPE":2}`)
	assert.Nil(t, a.field(t, "result", "CRM_CREATED_LEAD"))
	assert.Equal(t, "CONTACT", a.field(t, "result", "CRM_ENTITY_TYPE"))
	id, _ := a.field(t, "result", "CALL_ID").(string)
	assert.Contains(t, id, "externalCall.")
	walk(t, p, []step{
		{external + "show", `{"CALL_ID":"` + id + `","USER_ID":1}`, `true`},
		{"voximplant.statistic.get", `{}`, `[]`},
		{"telephony.call.attachTranscription", `{"CALL_ID":"` + id + `","MESSAGES":[]}`, `!ERROR_CORE Call ` + id + ` is not found. Is it finished?`},
		{external + "finish", `{"CALL_ID":"` + id + `","USER_ID":1,"DURATION":95,"COST":"1.5","VOTE":5}`, `{"CALL_ID":"` + id + `","CALL_DURATION":95,"COST":1.5,"CALL_STATUS":1,"CRM_ACTIVITY_ID":1,"CRM_ENTITY_ID":3}`},
		{external + "finish", `{"CALL_ID":"` + id + `","USER_ID":1}`, `!ERROR_CORE Call is not found (call should be registered prior to finishing)`},
		{"voximplant.statistic.get", `{"FILTER":{"CALL_ID":"` + id + `"}}`, `[{"ID":"1","CALL_DURATION":"95","CALL_TYPE":"2","PHONE_NUMBER":"19062195047","CRM_ACTIVITY_ID":"1"}]`},
		{"crm.activity.list", `{"filter":{"OWNER_TYPE_ID":3,"OWNER_ID":3}}`, `[{"ID":"1","TYPE_ID":"2","COMPLETED":"Y"}]`},
		{"telephony.call.attachTranscription", `{"CALL_ID":"` + id + `","MESSAGES":[{"SIDE":"Me"}]}`, `!ERROR_CORE MESSAGES[0][SIDE] should be either Client or User`},
		{"telephony.call.attachTranscription", `{"CALL_ID":"` + id + `","MESSAGES":[{"SIDE":"User","START_TIME":0,"STOP_TIME":2,"MESSAGE":"hi"}]}`, `{"TRANSCRIPT_ID":2}`},
		{external + "register", `{"USER_ID":1,"PHONE_NUMBER":"+49 30 1","TYPE":2,"CRM_CREATE":1}`, `{"CRM_CREATED_LEAD":1,"CRM_CREATED_ENTITIES":[{"ENTITY_TYPE":"LEAD","ENTITY_ID":1}],"CRM_ENTITY_TYPE":"LEAD"}`},
		{"crm.lead.get", `{"id":1}`, `{"PHONE":[{"VALUE":"+49 30 1"}],"HAS_PHONE":"Y"}`},
	})
}

func TestMessagesAndPosts(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"im.message.add", `{"MESSAGE":"hi"}`, `!USER_ID_EMPTY User ID can't be empty`},
		{"im.message.add", `{"DIALOG_ID":"chat5"}`, `!MESSAGE_EMPTY Message can't be empty`},
		{"im.message.add", `{"DIALOG_ID":"chat5","MESSAGE":"hi"}`, `1`},
		{"im.notify.system.add", `{"MESSAGE":"hi"}`, `!USER_ID_EMPTY User ID can't be empty`},
		{"im.notify.personal.add", `{"USER_ID":1}`, `!MESSAGE_EMPTY Message can't be empty`},
		{"im.notify.personal.add", `{"USER_ID":1,"MESSAGE":"hi"}`, `2`},
		{"im.notify", `{"to":1,"message":"hi"}`, `3`},
		{"im.message.add", `{"DIALOG_ID":7,"MESSAGE":"ho"}`, `4`},
		{"im.dialog.messages.get", `{"DIALOG_ID":"chat5"}`, `{"messages":[{"id":1,"text":"hi","author_id":1}]}`},
		{"log.blogpost.add", `{}`, `!SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR Blog post hasn't been added`},
		{"log.blogpost.add", `{"POST_MESSAGE":"news","POST_TITLE":"t"}`, `1`},
		{"log.blogpost.get", `{}`, `[{"ID":"1","DETAIL_TEXT":"news","TITLE":"t","AUTHOR_ID":"1"}]`},
	})
}

func TestEventsOfACalendar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		soon, far := time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339), time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)
		walk(t, p, []step{
			{"calendar.event.add", `{"ownerId":1}`, `!The required parameter "type" for the method "calendar.event.add" is not set`},
			{"calendar.event.add", `{"type":"user","ownerId":1,"name":"n","from":"` + soon + `"}`, `!The required parameter "to" for the method "calendar.event.add" is not set`},
			{"calendar.event.add", `{"type":"user","ownerId":1,"name":"late","from":"` + far + `","to":"` + far + `","section":4}`, `1`},
			{"calendar.event.add", `{"type":"user","ownerId":"1","name":"n","from":"` + soon + `","to":"` + soon + `","section":4}`, `2`},
			{"calendar.event.get", `{"type":"user","ownerId":1}`, `[{"ID":"2","NAME":"n","DELETED":"N","SECTION_ID":"4"},{"ID":"1"}]`},
			{"calendar.event.get.nearest", `{"type":"user","ownerId":1,"days":10}`, `[{"ID":"2"}]`},
			{"calendar.event.update", `{"id":2,"type":"user"}`, `!The required parameter "ownerId" for the method "calendar.event.update" is not set`},
			{"calendar.event.update", `{"id":2,"type":"user","ownerId":1,"name":"m"}`, `2`},
			{"calendar.event.getbyid", `{"id":2}`, `{"ID":"2","NAME":"m","OWNER_ID":"1"}`},
			{"calendar.event.delete", `{}`, `!Event id not specified`},
			{"calendar.event.delete", `{"id":9}`, `!An error occurred while deleting the event`},
			{"calendar.event.delete", `{"id":2}`, `true`},
		})
	})
}

func TestPartsOfTasks(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("tasks.task", b24.Params{"id": 5, "title": "t"})
	walk(t, p, []step{
		{"task.commentitem.add", `[5,{}]`, `!ERROR_CORE Comment text is not specified<br>`},
		{"task.commentitem.add", `[6,{"POST_MESSAGE":"c"}]`, `!ERROR_CORE TASKS_ERROR_EXCEPTION_#8; Action not allowed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>`},
		{"task.commentitem.add", `[5,{"POST_MESSAGE":"c"}]`, `1`},
		{"task.commentitem.getlist", `[5]`, `[{"ID":"1","POST_MESSAGE":"c","AUTHOR_ID":"1"}]`},
		{"task.checklistitem.add", `{"TASKID":5,"FIELDS":{"TITLE":"x"}}`, `1`},
		{"task.checklistitem.getlist", `[5]`, `[{"ID":"1","TITLE":"x","IS_COMPLETE":"N"}]`},
		{"task.checklistitem.delete", `[5,1]`, `true`},
		{"task.checklistitem.getlist", `[5]`, `[]`},
		{"task.elapseditem.add", `[5,{"SECONDS":120,"COMMENT_TEXT":"w"}]`, `1`},
		{"task.elapseditem.getlist", `[5]`, `[{"ID":"1","SECONDS":"120","MINUTES":"2","USER_ID":"1"}]`},
		{"task.elapseditem.delete", `[5,9]`, `!ERROR_CORE TASKS_ERROR_EXCEPTION_#8; Action not allowed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>`},
	})
}
