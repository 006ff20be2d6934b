#include "reload/messenger.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace phyllo::overlay {
namespace {

bool carries_values(std::uint16_t c) { return (c >= code::store_req && c <= code::fetch_req + 1) || c == code::error; }

}  // namespace

messenger::messenger(core::environment& env, messenger_options options, std::shared_ptr<const identity::credential> self, topology& where,
                     link_table& links, const identity::trust& trust, core::metrics& metrics, core::logger log,
                     neighbour_observer& neighbours, messenger_observer& up)
    : env_(env),
      options_(options),
      links_(links),
      trust_(trust),
      neighbours_(neighbours),
      up_(up),
      counters_(metrics, std::move(log)),
      maker_(std::move(self), trust, options.initial_ttl),
      router_(env, options.forwards, where, links, maker_, counters_, *this),
      verifier_(env, maker_, where, links, trust, neighbours, counters_),
      requester_(env, options.sends_max, options.end_to_end_timer, where, maker_, router_, counters_, neighbours, up),
      responder_(env, options.message_max, links, maker_, router_, requester_, up) {}

void messenger::request(destination_list to, message_contents m, core::time_point deadline, request_options o,
                        pending_request::handler done) {
  requester_.request(std::move(to), std::move(m), deadline, o, std::move(done));
}

void messenger::request_each(std::vector<node_id> to, message_contents m, core::time_point deadline,
                             std::function<void(node_id, core::result<answer>)> done) {
  requester_.request_each(std::move(to), std::move(m), deadline, std::move(done));
}

void messenger::respond(const received_request& r, message_contents m) {
  if (!stopped_) responder_.respond(r, std::move(m));
}

void messenger::run_due(core::time_point now) {
  requester_.run_due(now);
  router_.expire_held(now);
}

core::time_point messenger::next_due() const { return std::min(requester_.next_due(), router_.held_until()); }

void messenger::stop() {
  stopped_ = true;
  requester_.stop();
  router_.stop();
  strangers_.clear();
}

void messenger::on_message(transport::link& l, core::byte_view message) {
  const auto from = l.peer().node();
  if (stopped_) return;
  if (!links_.take_token(l, env_.now())) return counters_.dropped("rate_limited", from);
  neighbours_.on_heard(from);
  auto parsed = parse_beginning(message);
  if (!parsed || (!parsed->whole && message.size() < options_.message_max)) return counters_.dropped("malformed", from);
  auto& h = parsed->header;
  counters_.received(peek_code(parsed->payload));
  if (h.overlay != trust_.overlay_hash()) return counters_.dropped("wrong_overlay", from);
  if (!parsed->whole || message.size() > options_.message_max) {  // links give the beginning of what is too large for them
    router_.refuse(h, parsed->payload, from, error_code::message_too_large, "at most " + std::to_string(options_.message_max) + " bytes");
    return counters_.dropped("too_large", from);
  }
  if (h.fragment != whole_message) return counters_.dropped("fragment", from);
  if (h.ttl > options_.initial_ttl) {
    router_.refuse(h, parsed->payload, from, error_code::ttl_exceeded, "over initial-ttl");
    return counters_.dropped("ttl", from);
  }
  if (has_duplicates(h.destinations)) {
    router_.refuse(h, parsed->payload, from, error_code::invalid_message, "destination list with duplicates");
    return counters_.dropped("malformed", from);
  }
  arrived_ = &l;
  router_.route(std::move(h), std::make_shared<core::bytes>(core::to_bytes(parsed->payload)), from);
  arrived_ = nullptr;
}

void messenger::on_arrived(const forwarding_header& h, const payload_ptr& payload, const std::optional<node_id>& from) {
  auto opened = open_payload(*payload);
  if (!opened) return counters_.dropped("malformed", from);
  if (opened->signature.identity_type == 3 || opened->signature.value.empty()) return counters_.dropped("unsigned", from);
  const auto signer = verifier_.find_signer(*opened);
  if (!signer) return await_certificate(h, payload, *opened, from);
  if (!verifier_.believe(h, *opened, *signer, from)) return;
  if (carries_values(opened->contents.code)) {
    opened->contents.certificates = certificates().parse(opened->certificates);
    std::erase(opened->contents.certificates, *signer);
  }
  if (is_request(opened->contents.code)) return responder_.on_request(h, *opened, *signer, from, arrived_);
  requester_.on_answer(h, *opened, *signer, from);
}

void messenger::await_certificate(const forwarding_header& h, const payload_ptr& payload, const opened_payload& p,
                                  const std::optional<node_id>& from) {
  const auto of = where_to_look(h, p, from);
  if (!of || strangers_.full()) return counters_.dropped("unknown_signer", from);
  strangers_.add({*of, h, payload, *from});
  up_.on_unknown_signer(*of);
}

void messenger::release_strangers(const node_id& n) {
  for (auto& m : strangers_.take(n)) {
    const auto opened = open_payload(*m.payload);
    if (opened && verifier_.find_signer(*opened)) {
      on_arrived(m.header, m.payload, m.from);
    } else {
      counters_.dropped("unknown_signer", m.from);
    }
  }
}

void messenger::on_acknowledged(transport::link& l, std::uint64_t token) {
  router_.forget(token);
  if (!stopped_) neighbours_.on_heard(l.peer().node());
}

void messenger::on_overdue(transport::link& l, std::uint64_t token) {
  const auto node = l.peer().node();
  neighbours_.on_overdue(node);
  if (stopped_) return router_.forget(token);
  router_.detour(token, node);
}

void messenger::on_closed(transport::link& l, const core::error& why) {
  const auto node = l.peer().node();
  auto left = router_.take_kept(l);
  const auto gone = links_.remove(l);  // keeps the link alive to the end of this call
  if (!gone.link || stopped_) return;
  if (gone.last) {
    neighbours_.on_link_closed(node, why);
    hurry(node);
  }
  router_.detour_all(std::move(left), node, why);
}

}  // namespace phyllo::overlay
