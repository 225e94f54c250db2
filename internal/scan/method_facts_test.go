package scan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/scan"
)

// What docs/protocol.md 5.2 says of lists that are read by id: where the rows are,
// the id in a row, the id in a request.
func TestKeysetMethods(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ method, container, id, key string }{
		{"crm.deal.list", "", "ID", "ID"},
		{"crm.lead.list", "", "ID", "ID"},
		{"crm.contact.list", "", "ID", "ID"},
		{"crm.company.list", "", "ID", "ID"},
		{"crm.quote.list", "", "ID", "ID"},
		{"crm.item.list", "items", "id", "id"},
		{"crm.activity.list", "", "ID", "ID"},
		{"crm.requisite.list", "", "ID", "ID"},
		{"crm.stagehistory.list", "items", "ID", "ID"},
		{"crm.type.list", "types", "id", "id"},
		{"crm.item.productrow.list", "productRows", "id", "id"},
		{"tasks.task.list", "tasks", "id", "ID"},
		{"user.get", "", "ID", "ID"},
		{"user.search", "", "ID", "ID"},
		{"sonet_group.get", "", "ID", "ID"},
		{"socialnetwork.api.workgroup.list", "workgroups", "id", "ID"},
		{"lists.element.get", "", "ID", "ID"},
		{"disk.folder.getchildren", "", "ID", "ID"},
		{"disk.storage.getchildren", "", "ID", "ID"},
		{"disk.storage.getlist", "", "ID", "ID"},
		{"catalog.product.list", "products", "id", "id"},
		{"catalog.section.list", "sections", "id", "id"},
		{"catalog.price.list", "prices", "id", "id"},
		{"sale.order.list", "orders", "id", "id"},
		{"sale.basketitem.list", "basketItems", "id", "id"},
		{"sale.payment.list", "payments", "id", "id"},
		{"bizproc.task.list", "", "ID", "ID"},
		{"bizproc.workflow.template.list", "", "ID", "ID"},
		{"voximplant.statistic.get", "", "ID", "ID"},
		{"entity.item.get", "", "ID", "ID"},
		{"userfieldconfig.list", "fields", "id", "id"},
		{"documentgenerator.document.list", "documents", "id", "id"},
		{"crm.documentgenerator.document.list", "documents", "id", "id"},
		{"event.offline.list", "", "ID", "ID"},
	} {
		f, known := scan.LookupV2(row.method)

		assert.True(t, known && f.Keyset, row.method)
		assert.Equal(t, []string{row.container, row.id, row.key}, []string{f.Container, f.IDKey, f.CursorKey}, row.method)
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		method string
		paging scan.Style
	}{
		{"department.get", scan.StyleStart},
		{"bizproc.workflow.instances", scan.StyleStart},
		{"crm.address.list", scan.StyleStart},
		{"lists.get", scan.StyleStart},
		{"sale.status.list", scan.StyleStart},
		{"crm.status.list", scan.StyleNone},
		{"crm.currency.list", scan.StyleNone},
		{"crm.category.list", scan.StyleNone},
		{"calendar.event.get", scan.StyleNone},
		{"telephony.externalLine.get", scan.StyleNone},
		{"tasks.task.result.list", scan.StyleNone},
		{"im.recent.list", scan.StyleOffsetUpper},
		{"im.dialog.messages.get", scan.StyleNext},
		{"im.dialog.users.list", scan.StyleNext},
		{"log.blogcomment.user.get", scan.StyleNext},
		{"im.notify.get", scan.StyleOwn},
		{"event.offline.get", scan.StyleOwn},
	} {
		f, known := scan.LookupV2(row.method)

		assert.True(t, known && !f.Keyset, row.method)
		assert.Equal(t, row.paging, f.Paging, row.method)
	}
	_, known := scan.LookupV2("partner.thing.list")
	assert.False(t, known)
}

func TestV3Methods(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		method string
		paging scan.Style
		keyset bool
	}{
		{"tasks.task.list", scan.StylePagination, true},
		{"main.eventlog.list", scan.StylePagination, true},
		{"crm.future.list", scan.StylePagination, true},
		{"mail.message.list", scan.StylePagination, false},
		{"note.collection.list", scan.StyleNext, false},
		{"call.followup.list", scan.StyleNext, false},
		{"note.document.search.list", scan.StyleNext, false},
		{"note.document.tree.list", scan.StyleNext, false},
		{"main.eventlog.tail", scan.StyleTail, false},
		{"crm.future.tail", scan.StyleTail, false},
		{"tasks.task.field.list", scan.StyleNone, false},
	} {
		f, known := scan.LookupV3(row.method)

		assert.True(t, known, row.method)
		assert.Equal(t, row.paging, f.Paging, row.method)
		assert.Equal(t, row.keyset, f.Keyset, row.method)
	}
	_, known := scan.LookupV3("partner.thing.get")
	assert.False(t, known)
}
