package b24test

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// attachmentMethods returns the methods of files of the Drive that are attached to records, and those
// of tasks that attach them.
func attachmentMethods() map[string]procedure {
	return map[string]procedure{
		"disk.attachedobject.get": getAttached,
		"tasks.task.files.attach": attachToTask,
		"tasks.task.add":          func(p *Portal, req Request) (any, error) { return p.writeTask(req, add) },
		"tasks.task.update":       func(p *Portal, req Request) (any, error) { return p.writeTask(req, update) },
	}
}

const taskFiles = "UF_TASK_WEBDAV_FILES"

// newFilePrefix marks the id of a file of the Drive in a field that holds ids of attachments.
const newFilePrefix = "n"

func getAttached(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id"); err != nil {
		return nil, err
	}
	id, _ := req.params.Get("id")
	files := p.data.files
	a := files.attached[php.Int(id)]
	if a == nil {
		return nil, notFoundOnDisk(id)
	}
	r := p.driveObject(a.object)
	if r == nil {
		return nil, notFoundOnDisk(id)
	}
	query := "attachedId=" + strconv.Itoa(a.id) + "&auth%5Baplogin%5D=" + strconv.FormatInt(p.cfg.userID, 10) + "&auth%5Bap%5D=" + url.QueryEscape(p.cfg.secret) +
		"&action=download&ncc=1"
	return php.Object(
		"ID", strconv.Itoa(a.id), "OBJECT_ID", strconv.Itoa(a.object), "MODULE_ID", a.module, "ENTITY_TYPE", a.kind, "ENTITY_ID", a.owner,
		"CREATE_TIME", a.created, "CREATED_BY", a.by, "DOWNLOAD_URL", files.origin(req)+p.cfg.prefix+"/bitrix/tools/disk/uf.php?"+query,
		"NAME", text(r.fields["NAME"]), "SIZE", text(r.fields["SIZE"]),
	), nil
}

// attach attaches a file of the Drive to a task and returns the id of the attachment.
func (p *Portal) attach(object int, task string, req Request) int {
	files := p.data.files
	files.bindings++
	stamp := map[string]any{}
	new(store).stamp(stamp, "at")
	files.attached[files.bindings] = &attachment{
		id: files.bindings, object: object, module: "tasks", kind: "tasks_task", owner: task, created: php.Text(stamp["at"]), by: p.actor(req),
	}
	return files.bindings
}

func noSuchAttachment() error { return badRequest("ERROR_CORE", "Could not find the file.<br>") }

// checkAttachments reports whether a task can have the values of its field: marked ids of files, and
// ids of its own attachments.
func (p *Portal) checkAttachments(values []any, task string) error {
	for _, v := range values {
		object, fresh := strings.CutPrefix(php.Text(v), newFilePrefix)
		if php.Text(v) == "" {
			continue
		}
		if fresh {
			if r := p.driveObject(php.Int(object)); r == nil || !isDriveFile(r) {
				return noSuchAttachment()
			}
			continue
		}
		if a := p.data.files.attached[php.Int(v)]; a == nil || a.owner != task {
			return noSuchAttachment()
		}
	}
	return nil
}

// attachAll attaches the new ones of the files that a field names, detaches those it does not name,
// and returns what the field then holds.
func (p *Portal) attachAll(values []any, task string, req Request) any {
	ids, kept := php.NewArray(), map[int]bool{}
	for _, v := range values {
		object, fresh := strings.CutPrefix(php.Text(v), newFilePrefix)
		id := php.Int(v)
		switch {
		case php.Text(v) == "":
			continue
		case fresh:
			id = p.attach(php.Int(object), task, req)
		}
		kept[id] = true
		ids.Add(php.Number(id))
	}
	for id, a := range p.data.files.attached {
		if a.owner == task && !kept[id] {
			delete(p.data.files.attached, id)
		}
	}
	return fullValues(ids)
}

// writeTask answers tasks.task.add and update: the ids in the field of files become attachments, and
// the files that an update does not name are detached.
func (p *Portal) writeTask(req Request, run operation) (any, error) {
	s := p.table("tasks.task")
	given, ok := req.params.Inner("fields").Get(taskFiles)
	if !ok || given == nil { // a task ignores null
		return run(s, req)
	}
	values, task := php.Several(given).Values(), ""
	id, _ := req.params.FirstSet(s.fam.idArgs...)
	if id != nil {
		task = php.IntString(id)
	}
	if err := p.checkAttachments(values, task); err != nil {
		return nil, err
	}
	fields := req.params.Inner("fields").Clone()
	fields.Remove(taskFiles)
	req.params = req.params.With("fields", fields)
	answer, err := run(s, req)
	if err != nil {
		return nil, err
	}
	if id == nil {
		task = strconv.FormatInt(s.lastID, 10)
	}
	if i, ok := s.find(task); ok {
		s.set(s.rows().at(i), map[string]any{s.fam.field(taskFiles): p.attachAll(values, task, req)})
	}
	return answer, nil
}

// attachToTask answers tasks.task.files.attach.
func attachToTask(p *Portal, req Request) (any, error) {
	s := p.table("tasks.task")
	task, ok := req.params.Isset("taskId")
	if !ok {
		return nil, s.noID()
	}
	v, ok := req.params.Get("fileId")
	switch {
	case !ok:
		return nil, badRequest("100", "Could not find value for parameter {fileId} (internal error)")
	case !php.IsNumeric(v):
		return nil, badRequest("100", "Invalid value {"+php.Text(v)+"} to match with parameter {fileId}. Should be value of type int. (internal error)")
	}
	i, ok := s.find(php.IntString(task))
	if !ok {
		return nil, badRequest("0", "Access denied (internal error)")
	}
	r := s.rows().at(i)
	field := s.fam.field(taskFiles)
	values := append(fileIDs(r.fields[field]), newFilePrefix+php.IntString(v))
	if err := p.checkAttachments(values, r.id); err != nil {
		return nil, err
	}
	held := p.attachAll(values, r.id, req)
	s.set(r, map[string]any{field: held})
	for _, id := range fileIDs(held) {
		if a := p.data.files.attached[php.Int(id)]; a != nil && a.object == php.Int(v) {
			return php.Object("attachmentId", id), nil // the first one, if the task had the file already
		}
	}
	return nil, noSuchAttachment()
}
