#include "message_edit.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "headers_plain.hpp"
#include "message_fields.hpp"
#include "message_impl.hpp"
#include "phyllo/core/address_text.hpp"

namespace phyllo::sip {
namespace {

void erase_nth(message::impl& m, field id, std::size_t index) {
  for (std::size_t i = 0; i < m.lines.size(); ++i) {
    if (m.lines[i].id != id) continue;
    if (index-- != 0) continue;
    m.lines.erase(m.lines.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

// Before the first line of its kind; where there is none, after the Via lines.
void push_value(message::impl& m, field id, std::string_view name, std::string_view value) {
  const auto at = m.index_of(id);
  m.insert(at == m.lines.size() ? m.after_vias() : at, id, name, value);
}

}  // namespace

core::status set_request_uri(message& m, std::string_view text) {
  auto parsed = uri::parse(text);
  if (!parsed) return core::fail(parsed.error());
  auto& i = m.inside();
  i.uri_text = i.keep(std::string(text));
  i.request_uri = std::move(*parsed);
  return {};
}

void set_status(message& m, int status, std::string_view phrase) {
  auto& i = m.inside();
  i.status = status;
  i.phrase = phrase.empty() ? phrase_of(status) : i.keep(std::string(phrase));
}

void push_via(message& m, std::string_view transport, std::string_view sent_by, std::string_view branch, std::string_view parameters) {
  std::string value("SIP/2.0/");
  value.append(transport).append(" ").append(sent_by).append(";branch=").append(branch);
  if (equal_ignoring_case(transport, "UDP")) value.append(";rport");
  value.append(parameters);
  auto& i = m.inside();
  const auto at = i.index_of(field::via);
  i.insert(at == i.lines.size() ? 0 : at, field::via, "Via", value);
}

void pop_via(message& m) { m.inside().pop_values(field::via, 1); }

void stamp_received(message& m, const transport::endpoint& source) {
  const auto top = top_via(m);
  if (!top) return;
  const auto address = core::text_of(source.address);
  auto sent_by = top->host;
  if (sent_by.starts_with('[') && sent_by.ends_with(']')) sent_by = sent_by.substr(1, sent_by.size() - 2);
  // What a stranger wrote into received is not believed.
  if (sent_by == address && !top->has_rport && top->received.empty()) return;

  auto& inside = m.inside();
  const auto at = inside.index_of(field::via);
  std::vector<std::string_view> of_line;
  static_cast<void>(split_values(inside.lines[at].value, of_line));
  if (of_line.empty()) return;
  const auto rport = top->has_rport ? source.port : std::uint16_t{0};
  auto value = plain_stamp(of_line.front(), address, rport).value_or(std::string());
  if (value.empty()) value = stamp_via(inside.home(), of_line.front(), address, rport);
  for (std::size_t i = 1; i < of_line.size(); ++i) value.append(", ").append(of_line[i]);
  inside.replace(at, value);
}

void push_route(message& m, std::string_view name_addr) { push_value(m.inside(), field::route, "Route", name_addr); }
void push_record_route(message& m, std::string_view name_addr) { push_value(m.inside(), field::record_route, "Record-Route", name_addr); }
void push_path(message& m, std::string_view name_addr) { push_value(m.inside(), field::path, "Path", name_addr); }
void pop_routes(message& m, std::size_t count) { m.inside().pop_values(field::route, count); }
void remove_routes(message& m) { m.inside().erase(field::route); }

void append_route(message& m, std::string_view name_addr) {
  auto& inside = m.inside();
  std::size_t after = inside.after_vias();
  for (std::size_t i = 0; i < inside.lines.size(); ++i)
    if (inside.lines[i].id == field::route) after = i + 1;
  inside.insert(after, field::route, "Route", name_addr);
}

void set_max_forwards(message& m, std::uint32_t hops) {
  auto& i = m.inside();
  const auto at = i.index_of(field::max_forwards);
  if (at == i.lines.size())
    i.insert(i.after_vias(), field::max_forwards, "Max-Forwards", std::to_string(hops));
  else
    i.replace(at, std::to_string(hops));
}

void remove_credentials(message& m, field id, std::size_t index) { erase_nth(m.inside(), id, index); }

void remove_headers_if(message& m, const std::function<bool(std::string_view name)>& unwanted) {
  std::erase_if(m.inside().lines, [&](const header_line& l) { return l.id == field::other && unwanted(long_name(l.name)); });
}

void set_body(message& m, std::string_view content_type, core::byte_view data) {
  auto& i = m.inside();
  i.erase(field::content_length);
  i.erase(field::content_type);
  if (!content_type.empty()) i.append(field::content_type, "Content-Type", content_type);
  i.body = i.keep(std::string(core::as_text(data)));
}

}  // namespace phyllo::sip
