#include "reload/arrived_messages.hpp"

#include <vector>

namespace phyllo::overlay {
namespace {

bool carries_values(std::uint16_t c) { return (c >= code::store_req && c <= code::fetch_req + 1) || c == code::error; }

}  // namespace

void arrived_messages::on_arrived(const forwarding_header& h, const payload_ptr& payload, const std::optional<node_id>& from) {
  auto opened = open_payload(*payload);
  if (!opened) return counters_.dropped("malformed", from);
  if (opened->signature.identity_type == 3 || opened->signature.value.empty()) return counters_.dropped("unsigned", from);
  const auto signer = verifier_.find_signer(*opened);
  if (!signer) return await_certificate(h, payload, *opened, from);
  if (!verifier_.believe(h, *opened, *signer, from)) return;
  if (carries_values(opened->contents.code)) {
    opened->contents.certificates = verifier_.certificates().parse(opened->certificates);
    std::erase(opened->contents.certificates, *signer);
  }
  if (is_request(opened->contents.code)) return answers_.on_request(h, *opened, *signer, from, by_);
  requests_.on_answer(h, *opened, *signer, from);
}

void arrived_messages::on_own_request(const forwarding_header& h, const message_contents& m) {
  if (!verifier_.believe_self()) return;
  opened_payload p;
  p.contents = m;
  answers_.on_request(h, p, verifier_.own_certificate(), std::nullopt, nullptr);
}

void arrived_messages::await_certificate(const forwarding_header& h, const payload_ptr& payload, const opened_payload& p,
                                         const std::optional<node_id>& from) {
  const auto of = where_to_look(h, p, from);
  if (!of || waiting_.full()) return counters_.dropped("unknown_signer", from);
  waiting_.add({*of, h, payload, *from});
  up_.on_unknown_signer(*of);
}

void arrived_messages::release(const node_id& n) {
  for (auto& m : waiting_.take(n)) {
    const auto opened = open_payload(*m.payload);
    if (opened && verifier_.find_signer(*opened)) {
      on_arrived(m.header, m.payload, m.from);
    } else {
      counters_.dropped("unknown_signer", m.from);
    }
  }
}

}  // namespace phyllo::overlay
