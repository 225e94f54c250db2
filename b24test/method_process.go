package b24test

import (
	"github.com/b24go/b24/b24test/internal/php"
)

// processMethods returns the methods of workflows and their tasks.
func processMethods() map[string]procedure {
	return map[string]procedure{
		"bizproc.workflow.start":     startWorkflow,
		"bizproc.workflow.kill":      endWorkflow,
		"bizproc.workflow.terminate": endWorkflow,
		"bizproc.task.complete":      completeTask,
	}
}

// startWorkflow answers bizproc.workflow.start. The template must have been seeded; its workflow
// does nothing.
func startWorkflow(p *Portal, req Request) (any, error) {
	id, _ := req.params.Fold("template_id")
	if php.Int(id) <= 0 {
		return nil, badRequest("ERROR_WRONG_WORKFLOW_ID", "Empty TEMPLATE_ID")
	}
	template := p.table("bizproc.workflow.template").keyed(map[string]int{"ID": php.Int(id)})
	if template == nil {
		return nil, badRequest("ERROR_WRONG_WORKFLOW_ID", "Template not found")
	}
	v, _ := req.params.Fold("document_id")
	document, _ := v.(*php.Array)
	if document.Len() != 3 {
		return nil, badRequest("", "Wrong DOCUMENT_ID!")
	}
	parts := document.Values()
	s := p.table("bizproc.workflow")
	fields := map[string]any{
		"ID": s.nextID(), "MODULE_ID": parts[0], "ENTITY": parts[1], "DOCUMENT_ID": parts[2], "TEMPLATE_ID": php.IntString(id), "STARTED_BY": req.user(),
		"OWNED_UNTIL": nil,
	}
	s.stamp(fields, "STARTED")
	s.stamp(fields, "MODIFIED")
	return s.insert(fields).id, nil
}

// endWorkflow answers bizproc.workflow.terminate and kill: the tasks of the workflow end with it. A
// workflow that does not exist is not an error.
func endWorkflow(p *Portal, req Request) (any, error) {
	v, _ := req.params.Fold("id")
	id := php.Text(v)
	if id == "" {
		return nil, badRequest("ERROR_WRONG_WORKFLOW_ID", "Empty workflow instance ID")
	}
	p.table("bizproc.workflow").drop(id)
	p.table("bizproc.task").dropAll(func(fields map[string]any) bool { return fields["WORKFLOW_ID"] == id })
	return true, nil
}

// completeTask answers bizproc.task.complete.
func completeTask(p *Portal, req Request) (any, error) {
	id, _ := req.params.Fold("task_id")
	status, _ := req.params.Fold("status")
	s := p.table("bizproc.task")
	task := s.keyed(map[string]int{"ID": php.Int(id)})
	switch {
	case php.Int(id) <= 0:
		return nil, badRequest("ERROR_TASK_VALIDATION", "empty TASK_ID")
	case php.Int(status) < 1 || php.Int(status) > 4:
		return nil, badRequest("ERROR_TASK_VALIDATION", "incorrect STATUS")
	case task == nil:
		return nil, badRequest("ERROR_TASK_NOT_FOUND", "Task not found")
	case php.Int(task.fields["STATUS"]) != 0:
		return nil, badRequest("ERROR_TASK_COMPLETED", "Task already completed")
	}
	fields := map[string]any{"STATUS": php.IntString(status), "USER_STATUS": php.IntString(status)}
	s.stamp(fields, "MODIFIED")
	s.set(task, fields)
	return true, nil
}
