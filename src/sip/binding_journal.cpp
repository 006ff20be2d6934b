#include "binding_journal.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "journal_text.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t pending_max = 16U << 20U;  // more than that nobody has taken: all is written anew then
constexpr std::size_t slack = 1U << 20U;         // that may be written beyond four times of what holds
constexpr std::size_t binding_fields = 10;       // before the path

template <class Number>
bool read_number(std::string_view text, Number& into) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

std::string line_of(const binding& b) {
  auto out = fmt::format("b\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", core::unix_milliseconds(b.expires),
                         core::unix_milliseconds(b.stored_until), b.q_thousandths, b.reg_id, b.cseq, to_field(b.call_id),
                         to_field(b.instance), to_field(b.features), to_field(b.contact.text()));
  for (const auto& p : b.path) out.append("\t").append(to_field(p));
  return out + "\n";
}

std::string lines_of(const std::string& user, const std::vector<binding>& bindings) {
  auto out = "u\t" + to_field(user) + "\n";
  for (const auto& b : bindings) out += line_of(b);
  return out;
}

std::optional<binding> read_binding(const std::vector<std::string_view>& fields) {
  if (fields.size() < binding_fields) return std::nullopt;
  binding b;
  std::uint64_t expires = 0;
  std::uint64_t stored = 0;
  const bool numbers = read_number(fields[1], expires) && read_number(fields[2], stored) && read_number(fields[3], b.q_thousandths) &&
                       read_number(fields[4], b.reg_id) && read_number(fields[5], b.cseq);
  auto contact = uri::parse(from_field(fields[9]));
  if (!numbers || !contact) return std::nullopt;
  b.expires = core::from_unix_milliseconds(expires);
  b.stored_until = core::from_unix_milliseconds(stored);
  b.call_id = from_field(fields[6]);
  b.instance = from_field(fields[7]);
  b.features = from_field(fields[8]);
  b.contact = std::move(*contact);
  for (std::size_t i = binding_fields; i < fields.size(); ++i) b.path.push_back(from_field(fields[i]));
  b.key = binding_key(b.instance, b.reg_id, b.contact);
  b.here = true;
  return b;
}

}  // namespace

void binding_journal::note(const std::string& user, const std::vector<binding>& bindings) {
  if (whole_due_) return;
  pending_ += lines_of(user, bindings);
  if (pending_.size() <= pending_max) return;
  pending_.clear();
  whole_due_ = true;
}

binding_journal::change binding_journal::take(const users& now, bool anew) {
  change c;
  c.whole = std::exchange(whole_due_, false) || anew;
  c.text = std::exchange(pending_, {});
  if (!c.whole) {
    written_ += c.text.size();
    whole_due_ = written_ > 4 * whole_size_ + slack;
    return c;
  }
  c.text.clear();
  for (const auto& [user, bindings] : now) c.text += lines_of(user, bindings);
  whole_size_ = c.text.size();
  written_ = 0;
  return c;
}

binding_journal::users binding_journal::read(std::string_view text) {
  users out;
  std::vector<binding>* of_user = nullptr;
  while (!text.empty()) {  // each turn takes a line
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;  // torn
    const auto fields = fields_of(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (fields.front() == "u" && fields.size() == 2) {
      of_user = &out[from_field(fields[1])];
      of_user->clear();
    } else if (auto b = fields.front() == "b" ? read_binding(fields) : std::nullopt; b && of_user != nullptr) {
      of_user->push_back(std::move(*b));
    }
  }
  std::erase_if(out, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

}  // namespace phyllo::sip
