// The editing half of message.
#include <sofia-sip/sip_status.h>

#include <algorithm>

#include "message_impl.hpp"

namespace phyllo::sip {
namespace {

using namespace std::string_view_literals;

std::string_view phrase_of(int status) {
  const char* text = sip_status_phrase(status);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

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

void add_tag(message::impl& m, std::string_view tag) {
  const auto at = m.index_of(field::to);
  if (at == m.lines.size() || tag.empty()) return;
  if (!m.parse_single(field::to, m.parsed.to) || !m.parsed.to->tag.empty()) return;
  m.replace(at, std::string(m.lines[at].value).append(";tag=").append(tag));
}

}  // namespace

message message::reply(int status, std::string_view phrase, std::string_view to_tag) const {
  auto out = std::make_unique<impl>();
  out->texts = impl_->texts;
  out->is_request = false;
  out->method = impl_->method;
  out->method_name = impl_->method_name;
  out->status = status;
  out->phrase = phrase.empty() ? phrase_of(status) : out->keep(std::string(phrase));
  for (const auto& line : impl_->lines) {
    const bool common =
        line.id == field::via || line.id == field::from || line.id == field::to || line.id == field::call_id || line.id == field::cseq;
    // s.8.2.6.1: "any Timestamp header field present in the request MUST be copied into this 100 (Trying) response".
    if (common || (status == 100 && equal_ignoring_case(line.name, "Timestamp"))) out->lines.push_back(line);
  }
  if (status != 100) add_tag(*out, to_tag);
  return message(std::move(out));
}

message message::follow_up(std::string_view method, const message* response) const {
  auto out = std::make_unique<impl>();
  out->texts = impl_->texts;
  out->method_name = out->keep(std::string(method));
  out->method = method_of(method);
  out->uri_text = impl_->uri_text;
  out->request_uri = impl_->request_uri;
  std::vector<std::string_view> of_line;
  if (const auto* top = impl_->first(field::via)) static_cast<void>(split_values(top->value, of_line));
  if (!of_line.empty()) out->append(field::via, "Via", of_line.front());
  out->append(field::max_forwards, "Max-Forwards", "70");
  for (const auto& line : impl_->lines) {
    const bool from_response = line.id == field::to && response != nullptr && response->impl_->first(field::to) != nullptr;
    if (from_response)
      out->append(field::to, "To", response->impl_->first(field::to)->value);
    else if (line.id == field::from || line.id == field::to || line.id == field::call_id || line.id == field::route)
      out->lines.push_back(line);
    else if (line.id == field::cseq)
      out->append(field::cseq, "CSeq", std::to_string(cseq().number).append(" ").append(method));
  }
  return message(std::move(out));
}

core::status message::set_request_uri(std::string_view text) {
  auto parsed = uri::parse(text);
  if (!parsed) return core::fail(parsed.error());
  impl_->uri_text = impl_->keep(std::string(text));
  impl_->request_uri = std::move(*parsed);
  return {};
}

void message::set_status(int status, std::string_view phrase) {
  impl_->status = status;
  impl_->phrase = phrase.empty() ? phrase_of(status) : impl_->keep(std::string(phrase));
}

void message::set_to_tag(std::string_view tag) { add_tag(*impl_, tag); }

void message::push_via(std::string_view transport, std::string_view sent_by, std::string_view branch, std::string_view parameters) {
  std::string value("SIP/2.0/");
  value.append(transport).append(" ").append(sent_by).append(";branch=").append(branch);
  if (equal_ignoring_case(transport, "UDP")) value.append(";rport");
  value.append(parameters);
  const auto at = impl_->index_of(field::via);
  impl_->insert(at == impl_->lines.size() ? 0 : at, field::via, "Via", value);
}

void message::pop_via() { impl_->pop_values(field::via, 1); }

void message::stamp_received(const transport::endpoint& source) {
  const auto top = top_via();
  if (!top) return;
  const auto address = source.address.to_string();
  auto sent_by = top->host;
  if (sent_by.starts_with('[') && sent_by.ends_with(']')) sent_by = sent_by.substr(1, sent_by.size() - 2);
  // What a stranger wrote into received is not believed.
  if (sent_by == address && !top->has_rport && top->received.empty()) return;

  const auto at = impl_->index_of(field::via);
  std::vector<std::string_view> of_line;
  static_cast<void>(split_values(impl_->lines[at].value, of_line));
  if (of_line.empty()) return;
  const auto rport = top->has_rport ? source.port : std::uint16_t{0};
  auto value = stamp_via(impl_->home(), of_line.front(), address, rport);
  for (std::size_t i = 1; i < of_line.size(); ++i) value.append(", ").append(of_line[i]);
  impl_->replace(at, value);
}

void message::push_route(std::string_view name_addr) { push_value(*impl_, field::route, "Route", name_addr); }
void message::push_record_route(std::string_view name_addr) { push_value(*impl_, field::record_route, "Record-Route", name_addr); }
void message::push_path(std::string_view name_addr) { push_value(*impl_, field::path, "Path", name_addr); }
void message::pop_routes(std::size_t count) { impl_->pop_values(field::route, count); }
void message::remove_routes() { impl_->erase(field::route); }

void message::append_route(std::string_view name_addr) {
  std::size_t after = impl_->after_vias();
  for (std::size_t i = 0; i < impl_->lines.size(); ++i)
    if (impl_->lines[i].id == field::route) after = i + 1;
  impl_->insert(after, field::route, "Route", name_addr);
}

void message::set_max_forwards(std::uint32_t hops) {
  const auto at = impl_->index_of(field::max_forwards);
  if (at == impl_->lines.size())
    impl_->insert(impl_->after_vias(), field::max_forwards, "Max-Forwards", std::to_string(hops));
  else
    impl_->replace(at, std::to_string(hops));
}

void message::remove_authorization(std::size_t index) { erase_nth(*impl_, field::authorization, index); }
void message::remove_proxy_authorization(std::size_t index) { erase_nth(*impl_, field::proxy_authorization, index); }

core::status message::add_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return core::fail(errc::malformed, "the name of a header field is no token");
  if (value.find_first_of("\r\n\0"sv) != std::string_view::npos) return core::fail(errc::malformed, "a CR, LF or NUL in a header field");
  impl_->append(field_of(name), name, value);
  return {};
}

void message::remove_headers(std::string_view name) {
  const auto wanted = long_name(name);
  const auto known = field_of(wanted);
  std::erase_if(impl_->lines, [wanted](const header_line& l) { return equal_ignoring_case(long_name(l.name), wanted); });
  impl_->forget(known);
}

void message::remove_headers_if(const std::function<bool(std::string_view name)>& unwanted) {
  std::erase_if(impl_->lines, [&](const header_line& l) { return l.id == field::other && unwanted(long_name(l.name)); });
}

void message::set_body(std::string_view content_type, core::byte_view data) {
  impl_->erase(field::content_length);
  impl_->erase(field::content_type);
  if (!content_type.empty()) impl_->append(field::content_type, "Content-Type", content_type);
  impl_->body = impl_->keep(std::string(core::as_text(data)));
}

}  // namespace phyllo::sip
