// The screen's blocks: what is known and wrong of one credential, of one service, or of one file or
// directory.
#pragma once

#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct Block {
  const ReportedCredential* credential = nullptr;  // Null for what is no credential.
  std::vector<const Finding*> findings;            // Worst first; never empty.
};

// Worst first, as the findings arrive. Views into the report.
std::vector<Block> blocks_of(const Report& report);

// Of a service, and nothing worse than info: one line says it.
bool is_remark(const Block& block);

// "Tunnel token", "Service".
std::string block_title(const Block& block);
// The path, with its line where all of the findings stand on one.
std::string block_place(const Block& block, const Terminal& terminal);
// Of a credential that is not usable: "damaged: cloudflared refuses it (...)".
std::string status_told(const Credential& credential, const Terminal& terminal);
// "until 2026-11-22T02:20:50Z", "no longer, expired ..."; "" where it has no end.
std::string validity_told(const Credential& credential, std::int64_t now);
// needed_by(), and where nobody does and something here runs without: "by nobody here: ...".
// `runs_here` is what_runs_here().
std::vector<std::string> needs_told(const ReportedCredential& credential,
                                    const std::string& runs_here, const Terminal& terminal);

std::vector<const ReportedCredential*> credentials_without_findings(const Report& report);

// What all blocks of one screen share.
struct BlockStyle {
  const Terminal& terminal;
  std::size_t title_columns = 0;
  std::int64_t now = 0;                    // Of the report, to tell what has expired.
  std::string runs_here;                   // What needs another credential: see what_runs_here().
  std::string root;                        // Of the report.
  std::vector<std::string> mendable = {};  // Of a sweep: files that `fix` can close; sorted.
};
BlockStyle block_style(const Report& report, const Terminal& terminal);

void print_block(const Block& block, const BlockStyle& style, std::ostream& out);
void print_remark(const Block& block, const BlockStyle& style, std::ostream& out);
void print_sound(const ReportedCredential& credential, const BlockStyle& style, std::ostream& out);
void print_gap(const Gap& gap, const Terminal& terminal, std::ostream& out);

// The severity's word, `columns` wide, in its colour.
std::string severity_word(Severity severity, std::string_view word, std::size_t columns,
                          const Terminal& terminal);

}  // namespace cfwarden
