// A SIP message as it comes from a stranger: parsed, read through every accessor, edited as a proxy does, printed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sip/caller_claim.hpp"
#include "sip/message.hpp"
#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "sip/privacy.hpp"
#include "sip/trusted_headers.hpp"

namespace {

using namespace phyllo;

void read_all(const sip::message& m) {
  static_cast<void>(m.from());
  static_cast<void>(m.to());
  static_cast<void>(m.cseq());
  static_cast<void>(m.expires());
  static_cast<void>(m.record_routes());
  static_cast<void>(path_texts(m));
  static_cast<void>(option_tags(m, sip::field::supported));
  static_cast<void>(option_tags(m, sip::field::proxy_require));
  for (const auto& c : m.contacts())
    if (!c.uri.same_as(c.uri)) std::abort();
  for (const auto& c : credentials_in(m, sip::field::authorization)) static_cast<void>(c.get("response"));
  for (const auto& p : m.paths()) static_cast<void>(p.uri.address_of_record());
}

// What it says of its sender, and what is taken off it.
void judge(const sip::message& m) {
  static const sip::own_names own{{"example.com"}, {"192.0.2.1"}, 5060, 5061};
  static const sip::trusted_headers headers({"P-*", "Alert-Info"});
  const auto claim = sip::claim_of(m, own, {}, asio::ip::make_address("192.0.2.1"));
  if (!claim.user.empty() && !claim.user.ends_with("@example.com")) std::abort();
  auto cleaned = m.copy();
  headers.clean(cleaned, sip::standing::stranger);
  for (const auto* name : {"P-Asserted-Identity", "P-Preferred-Identity", "Identity", "Alert-Info"})
    if (cleaned.header(name)) std::abort();
  sip::assert_identity(cleaned, "alice@example.com");
  static_cast<void>(sip::privacy_refusal(cleaned));
  sip::hide_private(cleaned);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto m = sip::message::parse({data, size}, sip::framing::datagram);
  if (!m) return 0;
  read_all(*m);
  if (!m->is_request()) {
    pop_via(*m);
    static_cast<void>(m->print());
    return 0;
  }
  if (!m->defect()) judge(*m);
  stamp_received(*m, {asio::ip::make_address("192.0.2.1"), 5060});
  static_cast<void>(m->reply(404, {}, "tag").print());
  push_via(*m, "UDP", "192.0.2.2:5060", "z9hG4bKfuzz");
  static_cast<void>(m->follow_up("CANCEL").print());
  push_record_route(*m, "<sip:192.0.2.2;lr>");
  set_max_forwards(*m, m->max_forwards().value_or(70));
  pop_routes(*m, 1);
  remove_credentials(*m, sip::field::authorization, 0);
  const auto printed = m->copy().print();
  // What passed whole is forwarded so that it passes again.
  const auto again = sip::message::parse(core::as_bytes(printed), sip::framing::stream);
  if (!m->defect() && (!again || again->defect())) std::abort();
  return 0;
}
