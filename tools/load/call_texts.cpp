#include "call_texts.hpp"

#include <fmt/format.h>

namespace phyllo::load {
namespace {

constexpr std::string_view session_offer =
    "v=0\r\no=load 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6004 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

std::string head(const sip_client_settings& s, std::string_view method, bool in_dialog) {
  auto t = fmt::format("{} [uri] SIP/2.0\nVia: {} [local];branch=z9hG4bK[key][branch];rport\n", method, s.via);
  if (in_dialog) t += "[routes]";
  t += fmt::format("Max-Forwards: 70\nFrom: <sip:[user]@{0}>;tag=[key]\nTo: <sip:[to]@{0}>[to_tag]\n", s.domain);
  return t + fmt::format("Call-ID: [key]{}\nCSeq: [cseq] {}\n", s.run, method);
}

}  // namespace

call_texts::call_texts(const sip_client_settings& s) {
  const auto contact = fmt::format("Contact: <sip:[user]@[local]{}>\n", s.contact_parameters);
  const auto with_offer = fmt::format("Content-Type: application/sdp\nContent-Length: {}\n\n{}", session_offer.size(), session_offer);
  const std::string empty = "Content-Length: 0\n\n";
  invite = message_template(head(s, "INVITE", false) + contact + "[authorization]" + with_offer);
  ack_refusal = message_template(head(s, "ACK", false) + empty);
  ack = message_template(head(s, "ACK", true) + "[authorization]" + empty);
  bye = message_template(head(s, "BYE", true) + empty);
}

}  // namespace phyllo::load
