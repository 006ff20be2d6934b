// The parsing half of message: the start line, and what RFC 3261 s.8.1.1, s.16.3 and s.18.3 demand of the rest.
#include "message_impl.hpp"

namespace phyllo::sip {
namespace {

constexpr std::string_view version = "SIP/2.0";

refusal bad(std::string phrase) { return {400, "Bad Request - " + std::move(phrase)}; }

// s.7.2. False: not a status line, or a status outside 100-699.
bool parse_status_line(message::impl& m, std::string_view line) {
  const auto first = line.find(' ');
  if (first == std::string_view::npos || !equal_ignoring_case(line.substr(0, first), version)) return false;
  const auto code = parse_number(line.substr(first + 1, 3));
  const bool separated = line.size() == first + 4 || (line.size() > first + 4 && line[first + 4] == ' ');
  if (!code || *code < 100 || *code > 699 || !separated) return false;
  m.is_request = false;
  m.status = static_cast<int>(*code);
  if (line.size() > first + 5) m.phrase = line.substr(first + 5);
  return true;
}

// s.7.1: Method SP Request-URI SP SIP-Version. False: no request line at all.
bool parse_request_line(message::impl& m, std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind("SIP/");
  if (first == std::string_view::npos || last == std::string_view::npos || last <= first || !is_token(line.substr(0, first))) return false;
  m.method_name = line.substr(0, first);
  m.method = method_of(m.method_name);
  m.uri_text = line.substr(first + 1, last - first - 1);
  const bool spaced = m.uri_text.ends_with(' ');
  if (spaced) m.uri_text.remove_suffix(1);

  const auto told = line.substr(last);
  if (!equal_ignoring_case(told, version)) {
    const auto dot = told.find('.');
    const bool other_version =
        dot != std::string_view::npos && dot > 4 && parse_number(told.substr(4, dot - 4)) && parse_number(told.substr(dot + 1));
    m.defect = other_version ? refusal{505, "Version Not Supported"} : bad("Request-Line");
    return true;
  }
  auto parsed = uri::parse(m.uri_text);
  // s.19.1.1: a Request-URI has no headers.
  if (!spaced || !parsed || !parsed->headers.empty())
    m.defect = bad("Request-URI");
  else
    m.request_uri = std::move(*parsed);
  return true;
}

const char* missing_or_twice(const message::impl& m) {
  constexpr std::pair<field, const char*> singles[] = {
      {field::from, "From"}, {field::to, "To"}, {field::call_id, "Call-ID"}, {field::cseq, "CSeq"}};
  for (const auto& [id, name] : singles)
    if (m.count(id) != 1) return name;
  if (m.count(field::max_forwards) > 1) return "Max-Forwards";
  return nullptr;
}

// What both kinds of message must have right. Null, or the name of what is wrong.
const char* check_common(message::impl& m, const scanned& s) {
  if (const auto* name = missing_or_twice(m)) return name;
  if (!m.parse_vias()) return "Via";
  if (!m.parse_single(field::from, m.parsed.from)) return "From";
  if (!m.parse_single(field::to, m.parsed.to)) return "To";
  if (m.first(field::call_id)->value.empty()) return "Call-ID";
  const auto number = parse_cseq(m.first(field::cseq)->value);
  if (!number) return "CSeq";
  if (m.is_request && number->method != m.method_name) return "CSeq";
  if (!m.is_request) {
    m.method_name = number->method;
    m.method = method_of(number->method);
  }
  // s.18.3: a datagram that ends before its body does.
  if (s.length_state == content_length::broken || (s.length_state == content_length::present && s.length > s.body.size()))
    return "Content-Length";
  return nullptr;
}

const char* check_routing(message::impl& m) {
  if (const auto* line = m.first(field::max_forwards)) {
    const auto hops = parse_number(line->value);
    if (!hops || *hops > 255) return "Max-Forwards";
  }
  if (!m.parse_addresses(field::route, m.parsed.routes)) return "Route";
  if (!m.parse_addresses(field::record_route, m.parsed.record_routes)) return "Record-Route";
  if (!m.parse_contacts()) return "Contact";
  for (const auto& line : m.lines)
    if (line.name.empty()) return "a header field without name";
  return nullptr;
}

void take_body(message::impl& m, const scanned& s) {
  m.body = s.length_state == content_length::present ? s.body.substr(0, s.length) : s.body;
  if (s.length_state == content_length::broken || m.count(field::content_length) > 1) m.erase(field::content_length);
}

}  // namespace

core::result<message> message::parse(core::byte_view data, framing f) {
  auto m = std::make_unique<impl>();
  auto s = pre_scan(m->keep(std::string(core::as_text(data))), f != framing::own);
  if (!s) return core::fail(s.error());
  m->lines = std::move(s->lines);
  if (f == framing::stream && s->length_state == content_length::absent)
    return core::fail(errc::malformed, "no Content-Length on a stream");
  if (!parse_status_line(*m, s->start_line) && !parse_request_line(*m, s->start_line))
    return core::fail(errc::malformed, "no start line of SIP");
  // Nothing can be said to a peer that is not named.
  if (m->count(field::via) == 0) return core::fail(errc::malformed, "no Via");

  const auto* wrong = check_common(*m, *s);
  if (!m->is_request && wrong != nullptr) return core::fail(errc::malformed, wrong);
  if (m->is_request && wrong == nullptr) wrong = check_routing(*m);
  if (wrong != nullptr && !m->defect) m->defect = bad(wrong);
  take_body(*m, *s);
  return message(std::move(m));
}

core::result<message> message::request(std::string_view method, std::string_view request_uri, std::string_view from, std::string_view to,
                                       std::string_view call_id, std::uint32_t cseq) {
  auto m = std::make_unique<impl>();
  if (!is_token(method)) return core::fail(errc::malformed, "a method that is no token");
  m->method_name = m->keep(std::string(method));
  m->method = method_of(method);
  auto parsed = uri::parse(request_uri);
  if (!parsed) return core::fail(parsed.error());
  m->request_uri = std::move(*parsed);
  m->uri_text = m->keep(std::string(request_uri));
  message out(std::move(m));
  const std::pair<std::string_view, std::string> fields[] = {{"Max-Forwards", "70"},
                                                             {"From", std::string(from)},
                                                             {"To", std::string(to)},
                                                             {"Call-ID", std::string(call_id)},
                                                             {"CSeq", std::to_string(cseq) + " " + std::string(method)}};
  for (const auto& [name, value] : fields)
    if (auto added = out.add_header(name, value); !added) return core::fail(added.error());
  auto& i = *out.impl_;
  if (!i.parse_single(field::from, i.parsed.from) || !i.parse_single(field::to, i.parsed.to))
    return core::fail(errc::malformed, "From or To");
  return out;
}

}  // namespace phyllo::sip
