#include "strong_users.hpp"

#include <utility>

#include "journal_text.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t pending_lines_max = 4U << 20U;  // octets

std::string line_of_user(char what, const std::string& user) { return std::string(1, what) + "\t" + to_field(user) + "\n"; }

}  // namespace

void strong_users::add(const std::string& user) {
  if (users_.try_emplace(user, true).second) note('s', user);
}

void strong_users::forget(const std::function<bool(const std::string& user)>& gone) {
  users_.erase_if([&](const auto& entry) {
    if (!gone(entry.first)) return false;
    note('w', entry.first);
    return true;
  });
}

void strong_users::note(char what, const std::string& user) {
  if (whole_due_) return;
  pending_ += line_of_user(what, user);
  if (pending_.size() <= pending_lines_max) return;
  pending_.clear();
  whole_due_ = true;
}

std::string strong_users::take_changes(bool whole) {
  auto text = std::exchange(pending_, {});
  if (!whole) return text;
  whole_due_ = false;
  text.clear();
  for (const auto& [user, used] : users_) text += line_of_user('s', user);
  return text;
}

void strong_users::restore(std::string_view text, const std::function<bool(const std::string& user)>& own) {
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {  // each turn takes a line
    const auto fields = fields_of(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (fields.size() != 2) continue;
    const auto user = from_field(fields[1]);
    if (own && !own(user)) continue;
    if (fields[0] == "s") users_.try_emplace(user, true);
    if (fields[0] == "w") users_.erase(user);
  }
}

}  // namespace phyllo::sip
