package scan

import "strings"

// family adds the facts that classic methods share if the portal reads their filters with the same
// code (docs/protocol.md 16).
func (f *Facts) family(method string) {
	switch familyOf(method) {
	case familyCRM:
		f.Joins, f.Letters, f.Capitals = JoinsAll, LettersCount, true
	case familyORM:
		f.Joins, f.Letters, f.JoinsBy, f.Exact = JoinsLogic, LettersCount, "logic", true
	case familyView:
		f.Joins, f.Letters, f.Camel, f.Positive, f.Exact = JoinsAll, LettersCount, true, true, true
	case familyTasks:
		f.Joins, f.Letters, f.Capitals, f.Exact = JoinsTasks, LettersCount, true, true
	case familyOpen:
		f.Letters, f.Exact = LettersCount, true
	case familyGroups:
		f.Letters, f.Capitals, f.Exact = LettersCount, true, true
	case familyUpper:
		f.Joins, f.Letters = JoinsAll, LettersFree
	case familyProcesses:
		f.Joins, f.Letters, f.Capitals = JoinsAll, LettersCount, true
		f.Drops = strings.Fields("= != @ !@ % !% =% %= >< !>< ?")
	case familyNone:
	}
	switch method {
	case "crm.deal.list", "crm.lead.list", "crm.contact.list", "crm.company.list", "crm.quote.list", "crm.activity.list":
		f.Drops = strings.Fields("== !== >< !><") // docs/protocol.md 16.25
	case "sonet_group.get", "voximplant.statistic.get", "entity.item.get", "entity.section.get", "disk.folder.getchildren",
		"disk.storage.getchildren", "disk.storage.getlist", "catalog.product.list", "catalog.product.offer.list",
		"catalog.product.service.list", "catalog.product.sku.list":
		f.Drops = []string{"@", "!@"}
	}
}

// family is the portal's code that reads a filter.
type family uint8

const (
	familyNone      family = iota // not read
	familyCRM                     // names in capitals; unknown names are ignored
	familyORM                     // names in camel case, logic joins, numbers make groups
	familyView                    // names in camel case; unknown names are ignored
	familyTasks                   // names in capitals, ::LOGIC joins
	familyOpen                    // names in camel case, logic joins, names inside groups are lost
	familyGroups                  // names in capitals, LOGIC joins, no groups
	familyUpper                   // names in any letter case; logic is ignored, or an error
	familyProcesses               // names in capitals, few operators
)

func familyOf(method string) family {
	switch method {
	case "crm.deal.list", "crm.lead.list", "crm.contact.list", "crm.company.list", "crm.quote.list", "crm.activity.list",
		"crm.requisite.list", "crm.requisite.bankdetail.list", "crm.requisite.preset.list", "crm.requisite.link.list",
		"crm.address.list", "crm.deal.recurring.list", "crm.timeline.comment.list":
		return familyCRM
	case "crm.item.list", "crm.type.list", "crm.stagehistory.list", "tasks.api.scrum.epic.list", "tasks.api.scrum.sprint.list":
		return familyORM
	case "tasks.task.list":
		return familyTasks
	case "crm.item.productrow.list", "userfieldconfig.list", "crm.automatedsolution.list",
		"documentgenerator.document.list", "crm.documentgenerator.document.list",
		"documentgenerator.template.list", "crm.documentgenerator.template.list":
		return familyOpen
	case "sonet_group.get", "socialnetwork.api.workgroup.list":
		return familyGroups
	case "user.get", "user.search", "voximplant.statistic.get", "lists.element.get", "event.offline.list",
		"entity.item.get", "entity.section.get", "disk.folder.getchildren", "disk.storage.getchildren", "disk.storage.getlist":
		return familyUpper
	case "bizproc.task.list", "bizproc.workflow.template.list", "bizproc.workflow.instances":
		return familyProcesses
	case "crm.orderentity.list":
		return familyView
	case "catalog.pricetypelang.getlanguages", "sale.statuslang.getlistlangs":
		return familyNone
	}
	for _, prefix := range []string{"sale.cashbox.", "sale.delivery.", "sale.paysystem."} {
		if strings.HasPrefix(method, prefix) {
			return familyNone
		}
	}
	if strings.HasPrefix(method, "catalog.") || strings.HasPrefix(method, "sale.") {
		return familyView
	}
	return familyNone
}
