// Package ported holds the programs of the official tutorials, written with this library, and runs
// each of them against the fake portal. Nothing imports it. A program here takes a [b24.Client]; the
// official one is a whole command, which also prints.
//
// The pages say what a program does. They belong to the REST documentation of Bitrix24,
// github.com/bitrix24/b24restdocs, under the MIT licence; only facts come from there, neither
// text nor code. All of them are in the directory tutorials:
//
//	program               page
//	client_address.go     crm/how-to-get-lists/how-to-get-address.md
//	company_requisite.go  crm/how-to-add-crm-objects/how-to-add-company-with-requisite.md
//	contact_meeting.go    crm/how-to-add-crm-objects/how-to-add-activity-to-contact.md
//	contact_requisite.go  crm/how-to-add-crm-objects/how-to-add-contact-with-requisite.md
//	deal_activities.go    crm/how-to-get-lists/get-activity-list-by-deals.md
//	deal_funnels.go       crm/how-to-get-lists/how-to-get-deal-funnels.md
//	deal_products.go      crm/how-to-add-crm-objects/how-to-product-binding.md
//	duplicates.go         crm/how-to-get-lists/search-by-phone-and-email.md
//	field_precision.go    crm/how-to-add-crm-objects/how-to-add-precision-to-user-field.md
//	item_comment.go       crm/how-to-add-crm-objects/how-to-add-comment-to-spa.md
//	lead_form.go          crm/how-to-add-crm-objects/how-to-add-lead.md
//	order_items.go        sale/add-basket-item-to-order.md
//	product_files.go      catalog/index.md
//	stage_deals.go        crm/how-to-get-lists/how-to-get-elements-by-stage-filter.md
//	task_file.go          tasks/how-to-create-task-with-file.md
//	task_item.go          tasks/how-to-connect-task-to-spa.md
//	workflow_dismissed.go bizproc/how-to-kill-workflows.md
//	workflow_old.go       bizproc/how-to-filter-and-kill-workflows.md
//
// The file user_names.go is shared by two of them.
package ported
