// What exceptions do to a report: findings that they accept, and what there is to say of
// themselves.
//
// Promises  an exception that has ended, or is meant for another host, accepts nothing. No finding
//           about exceptions is ever excepted. That one matches nothing is only said where all that
//           it names was looked at, by a run that was complete and left nothing of it out. One
//           without a path names what an audit, or a sweep, of the whole host looks at.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/model/exception.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"

#include <span>
#include <vector>

namespace cfwarden {

// A subject for each that concerns the host of this report.
void add_exceptions(std::vector<Subject>& subjects, std::span<const ExceptionPtr> exceptions,
                    const Report& report);

// Gives findings of the report their exceptions, and the subjects above what became of them.
// Expects every other finding to be there.
void apply_exceptions(Audit& audit);

}  // namespace cfwarden
