#include "message_impl.hpp"

#include <sofia-sip/sip_status.h>

#include <algorithm>

#include "headers_plain.hpp"

namespace phyllo::sip {

std::string_view phrase_of(int status) {
  const char* text = sip_status_phrase(status);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string unfolded(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin(), out.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return out;
}

std::unique_ptr<message::impl> message::impl::share() const {
  auto copy = std::make_unique<impl>();
  copy->texts = texts;
  copy->is_request = is_request;
  copy->method = method;
  copy->method_name = method_name;
  copy->uri_text = uri_text;
  copy->request_uri = request_uri;
  copy->status = status;
  copy->phrase = phrase;
  copy->lines = lines;
  copy->body = body;
  copy->defect = defect;
  return copy;
}

su_home_t* message::impl::home() {
  if (!parsed.home) parsed.home = make_home();
  return parsed.home.get();
}

std::string_view message::impl::keep(std::string text) {
  texts.push_back(std::make_shared<const std::string>(std::move(text)));
  return *texts.back();
}

const header_line* message::impl::first(field id) const noexcept {
  const auto at = index_of(id);
  return at == lines.size() ? nullptr : &lines[at];
}

std::size_t message::impl::index_of(field id) const noexcept {
  const auto at = std::find_if(lines.begin(), lines.end(), [id](const header_line& l) { return l.id == id; });
  return static_cast<std::size_t>(at - lines.begin());
}

std::size_t message::impl::after_vias() const noexcept {
  std::size_t after = 0;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].id == field::via) after = i + 1;
  return after;
}

std::size_t message::impl::count(field id) const noexcept {
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [id](const header_line& l) { return l.id == id; }));
}

bool message::impl::values(field id, std::vector<std::string_view>& out) const {
  bool good = true;
  for (const auto& line : lines) {
    if (line.id != id || (line.value.empty() && id != field::via)) continue;
    good = split_values(line.value, out) && good && out.size() <= message_limits::values_max;
    if (out.size() > message_limits::values_max) out.resize(message_limits::values_max);
    if (!good && id == field::via) break;  // a broken Via must not let one below it count as the topmost
  }
  return good;
}

bool message::impl::parse_vias() {
  if (parsed.vias) return true;
  parsed.vias.emplace();
  std::vector<std::string_view> texts_of;
  bool good = values(field::via, texts_of);
  for (const auto text : texts_of) {
    auto v = plain_via(text);
    if (!v) v = parse_via(home(), text);
    good = good && v.has_value();
    if (!v) break;  // those below a broken one are not reachable by popping
    parsed.vias->push_back(*v);
  }
  return good;
}

bool message::impl::parse_addresses(field id, std::optional<std::vector<address>>& into) {
  if (into) return true;
  into.emplace();
  std::vector<std::string_view> texts_of;
  bool good = values(id, texts_of);
  for (const auto text : texts_of) {
    auto a = plain_address(text);
    if (!a) a = parse_address(home(), text);
    good = good && a.has_value();
    if (a) into->push_back(std::move(*a));
  }
  return good;
}

bool message::impl::parse_contacts() {
  if (parsed.contacts) return true;
  parsed.contacts.emplace();
  std::vector<std::string_view> texts_of;
  bool good = values(field::contact, texts_of);
  for (const auto text : texts_of) {
    auto c = plain_contact(text);
    if (!c) c = parse_contact(home(), text);
    good = good && c.has_value();
    if (c) parsed.contacts->push_back(std::move(*c));
  }
  return good;
}

bool message::impl::parse_single(field id, std::optional<address>& into) {
  if (into) return true;
  const auto* line = first(id);
  if (line == nullptr) return false;
  into = plain_address(line->value);
  if (!into) into = parse_address(home(), line->value);
  return into.has_value();
}

header_line message::impl::make_line(field id, std::string_view name, std::string_view value) {
  std::string text;
  text.reserve(name.size() + value.size() + 4);
  text.append(name).append(": ").append(value).append("\r\n");
  const auto raw = keep(std::move(text));
  return {id, raw, raw.substr(0, name.size()), raw.substr(name.size() + 2, value.size())};
}

void message::impl::insert(std::size_t at, field id, std::string_view name, std::string_view value) {
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), make_line(id, name, value));
  forget(id);
}

void message::impl::replace(std::size_t at, std::string_view value) {
  lines[at] = make_line(lines[at].id, lines[at].name, value);
  forget(lines[at].id);
}

void message::impl::erase(field id) {
  std::erase_if(lines, [id](const header_line& l) { return l.id == id; });
  forget(id);
}

void message::impl::pop_values(field id, std::size_t count) {
  forget(id);
  std::vector<std::string_view> of_line;
  for (auto at = index_of(id); count != 0 && at != lines.size(); at = index_of(id)) {
    of_line.clear();
    static_cast<void>(split_values(lines[at].value, of_line));
    if (of_line.size() > count)
      return replace(at, lines[at].value.substr(static_cast<std::size_t>(of_line[count].data() - lines[at].value.data())));
    count -= of_line.size();
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void message::impl::forget(field id) {
  switch (id) {
    case field::via: parsed.vias.reset(); break;
    case field::from: parsed.from.reset(); break;
    case field::to: parsed.to.reset(); break;
    case field::route: parsed.routes.reset(); break;
    case field::record_route: parsed.record_routes.reset(); break;
    case field::path: parsed.paths.reset(); break;
    case field::contact: parsed.contacts.reset(); break;
    default: break;  // nothing of the others is kept
  }
}

}  // namespace phyllo::sip
