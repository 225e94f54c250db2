package methods

import "strings"

// writesByName reports whether a method writes although its name ends like a read. It applies to
// both APIs.
//
// Not included: documentgenerator.document.get and its crm twin, which make the server start a
// missing conversion to PDF. The documentation polls them to wait for the file, and there is still
// only one document.
func writesByName(name string) bool {
	switch name {
	case
		// events/event-offline-get: clear is 1 by default and deletes what is returned; with 0 the
		// rows are reserved for one process.
		"event.offline.get",
		// chat-bots/chat-bots-v2/imbot.v2/events/event-get: confirms the events before offset.
		"imbot.v2.event.get",
		// chat-bots/chat-bots-v2/im.v2/events/event-get: the same, for all applications.
		"im.v2.event.get",
		// chats/notifications/im-notify-read-list: marks notifications as read or unread.
		"im.notify.read.list",
		// chats/files/im-disk-folder-get says "retrieves"; server: creates the folder if a chat has
		// none.
		"im.disk.folder.get",
		// tasks/stages/task-stages-get says "retrieves"; server: adds the default stages if there
		// are none, one by one, so two simultaneous calls add two sets.
		"task.stages.get",
		// landing/rights: server (landing/lib/role.php fetchAll): the same with the default roles.
		"landing.role.getlist",
		// sign/b2e: server (sign/lib/Rest/B2e/CompanyProvider.php): registers each virtual provider
		// with an external service as a side effect.
		"sign.b2e.company.provider.list":
		return true
	default:
		return false
	}
}

// readsByName reports whether a method reads although its name does not end like a read.
func readsByName(name string, v3 bool) bool {
	switch {
	case v3:
		return readsV3(name)
	default:
		return readsPortal(name) || readsCRM(name) || readsShop(name) || readsTasks(name) || readsSites(name) || readsTalk(name)
	}
}

// readsV3 is readsByName for REST 3.0.
func readsV3(name string) bool {
	if strings.HasSuffix(name, ".aggregate") { // rest-v3: sums over the rows of a list
		return true
	}
	switch name {
	case
		"documentation", "rest.documentation.openapi", // rest-v3: the description of the API

		"humanresources.employee.multidepartment", // departments/employee
		"humanresources.employee.subordinates",    // departments/employee
		"humanresources.node.children",            // departments/node

		"mail.mailbox.senders",         // mail/mailbox/mail-mailbox-senders
		"mail.message.thread",          // mail/message/mail-message-thread
		"mail.recipient.listcontacts",  // mail/recipient
		"mail.recipient.listemployees": // mail/recipient
		return true
	default:
		return false
	}
}

// readsPortal is readsByName for users, rights, working time, calendar,
// processes, lists, drive and telephony.
func readsPortal(name string) bool {
	switch name {
	case
		"app.info", "server.time", "scope", "methods", "events", // common/system, events/events
		"profile", "user.current", // common/users
		"access.name",                                             // common/system/access-name: names of access codes
		"user.access", "user.admin", "sonet_group.feature.access", // common/users, sonet-group: check a right
		"sonet_group.user.groups", // sonet-group/sonet-group-user-groups

		"timeman.settings", "timeman.status", // timeman/base
		"timeman.networkrange.check", // timeman/networkrange: checks one address

		"calendar.event.get.nearest", "calendar.event.getbyid", // calendar/calendar-event
		"bizproc.workflow.instances",                             // bizproc/bizproc-workflow-instances
		"userconsent.agreement.text",                             // user-consent/user-consent-agreement-text
		"lists.element.get.file.url", "lists.get.iblock.type.id", // lists
		"log.blogpost.getusers.important", // log/log-blogpost-getusers-important
		"userfieldconfig.gettypes",        // crm/universal/userfieldconfig

		// disk: getExternalLink and getForApp are excluded, because they create what they return.
		"disk.file.getversions", "disk.folder.getchildren", "disk.storage.getchildren",
		"disk.rights.gettasks", "disk.storage.gettypes",

		// telephony/telephony-external-call-search-crm-entities: finds the caller
		"telephony.externalcall.searchcrmentities",
		// telephony/voximplant/sip: queries the exchange; server: stores its answer
		"voximplant.sip.status", "voximplant.sip.connector.status":
		return true
	default:
		return false
	}
}

// readsCRM is readsByName for crm.
func readsCRM(name string) bool {
	switch name {
	case
		"crm.duplicate.findbycomm",                           // crm/duplicates/crm-duplicate-find-by-comm
		"crm.activity.call.gettranscript",                    // crm/timeline/activities: never starts a transcription
		"crm.calllist.statuslist",                            // crm/call-list
		"crm.dealcategory.status",                            // crm/outdated: the id shared by the stages of a category
		"crm.status.entity.items", "crm.status.entity.types", // crm/status
		"crm.type.getbyentitytypeid",                        // crm/universal/user-defined-object-types
		"crm.item.productrow.getavailableforpayment",        // crm/universal/product-rows
		"crm.product.property.types", "crm.userfield.types", // lists of field types
		"crm.requisite.preset.countries",            // crm/requisites/presets
		"crm.requisite.preset.field.availabletoadd", // crm/requisites/presets/fields

		// crm/auxiliary/enum: fixed lists
		"crm.enum.activitydirection", "crm.enum.activitynotifytype", "crm.enum.activitypriority",
		"crm.enum.activitystatus", "crm.enum.activitytype", "crm.enum.addresstype", "crm.enum.contenttype",
		"crm.enum.getorderownertypes", "crm.enum.ownertype", "crm.enum.settings.mode",

		"rpa.fields.getsettings", "rpa.item.gettasks", // outdated/rpa
		"rpa.stage.listfortype", "rpa.timeline.listforitem":
		return true
	default:
		return false
	}
}

// readsShop is readsByName for catalog and sale. catalog.*.download answers with a file and is not
// called by this client.
func readsShop(name string) bool {
	switch name {
	case
		"catalog.catalog.isoffers", "catalog.document.mode.status", // queries only
		"catalog.enum.getroundtypes", "catalog.enum.getstoredocumenttypes",
		"catalog.pricetypelang.getlanguages",
		"catalog.product.getfieldsbyfilter", "catalog.product.offer.getfieldsbyfilter",
		"catalog.product.service.getfieldsbyfilter", "catalog.product.sku.getfieldsbyfilter",
		"catalog.productpropertyfeature.getavailablefeaturesbyproperty",

		"sale.basketitem.getfieldscatalogproduct", // sale/basket-item: fields of addcatalogproduct
		"sale.property.getfieldsbytype", "sale.shipmentproperty.getfieldsbytype",
		"sale.statuslang.getlistlangs":
		return true
	default:
		return false
	}
}

// readsTasks is readsByName for tasks.
func readsTasks(name string) bool {
	switch name {
	case
		// tasks/deprecated and tasks/checklist-item, comment-item, elapsed-item
		"task.checklistitem.getmanifest", "task.commentitem.getmanifest",
		"task.elapseditem.getmanifest", "task.item.getmanifest",
		"task.checklistitem.isactionallowed", "task.commentitem.isactionallowed",
		"task.elapseditem.isactionallowed", "task.item.isactionallowed",
		"task.item.getallowedactions", "task.item.getallowedtaskactionsasstrings",
		"task.item.getdata", "task.item.getdependson", "task.item.getdescription", "task.item.getfiles",
		"task.item.userfield.gettypes",

		"task.stages.canmovetask",          // tasks/stages: checks a right
		"tasks.api.scrum.kanban.getstages", // sonet-group/scrum/kanban; server: adds none, unlike task.stages.get
		"tasks.flow.flow.isexists",         // tasks/flow: searches for a name
		"tasks.task.getaccess":             // tasks/tasks-task-get-access
		return true
	default:
		return false
	}
}

// readsSites is readsByName for landing: landing/site, page, block, demos, rights.
// landing.site.fullExport is left out because it is expensive, although harmless.
func readsSites(name string) bool {
	switch name {
	case
		"landing.block.getbyid", "landing.block.getcontent", "landing.block.getcontentfromrepository",
		"landing.block.getmanifest", "landing.block.getmanifestfile", "landing.block.getrepository",
		"landing.demos.getpagelist", "landing.demos.getsitelist",
		"landing.landing.getadditionalfields", "landing.landing.getpreview",
		"landing.landing.getpublicurl", "landing.landing.resolveidbypublicurl",
		"landing.repo.checkcontent", // landing/user-blocks: runs the sanitizer on a text
		"landing.role.getrights", "landing.role.isenabled",
		"landing.site.getadditionalfields", "landing.site.getfolders", "landing.site.getgroupbindings",
		"landing.site.getmenubindings", "landing.site.getpreview", "landing.site.getpublicurl",
		"landing.site.getrights",
		"landing.syspage.getspecialpage",
		"landing.template.getlandingref", "landing.template.getsiteref":
		return true
	default:
		return false
	}
}

// readsTalk is readsByName for chats, bots, open channels and votes.
func readsTalk(name string) bool {
	switch name {
	case
		"im.v2.file.download", "imbot.v2.file.download", // chat-bots/chat-bots-v2: returns a link
		"imbot.v2.chat.message.getcontext", // chat-bots/chat-bots-v2: a message with its neighbours
		"imconnector.status",               // imopenlines/imconnector: only imconnector.activate sets it
		"imopenlines.crm.chat.getlastid",   // imopenlines/openlines/chats

		// vote; server: at most subscribes the user to changes of the vote
		"vote.attachedvote.getanswervoted", "vote.attachedvote.getmany", "vote.attachedvote.getwithvoted":
		return true
	default:
		return false
	}
}
