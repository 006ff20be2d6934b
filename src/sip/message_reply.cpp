// The messages that are made of a request: its responses, its CANCEL and its ACK.
#include "message_impl.hpp"

namespace phyllo::sip {
namespace {

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

}  // namespace phyllo::sip
