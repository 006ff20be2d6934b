#include "reload/messenger.hpp"

#include <string>
#include <utility>

namespace phyllo::overlay {

messenger::messenger(core::environment& env, messenger_options options, std::shared_ptr<const identity::credential> self, topology& where,
                     link_table& links, const identity::trust& trust, core::metrics& metrics, core::logger log,
                     neighbour_observer& neighbours, messenger_observer& up)
    : env_(env),
      options_(options),
      links_(links),
      trust_(trust),
      neighbours_(neighbours),
      counters_(metrics, std::move(log)),
      maker_(std::move(self), trust, options.initial_ttl),
      arrived_(verifier_, requester_, responder_, counters_, up),
      router_(env, options.forwards, where, links, maker_, counters_, arrived_),
      verifier_(env, maker_, where, links, trust, neighbours, counters_),
      requester_(env, options.sends_max, options.end_to_end_timer, where, maker_, router_, counters_, neighbours, up, arrived_),
      responder_(env, options.message_max, links, maker_, router_, requester_, up) {}

void messenger::stop() {
  stopped_ = true;
  requester_.stop();
  responder_.stop();
  router_.stop();
  arrived_.stop();
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
  arrived_.come_by(&l);
  router_.route(std::move(h), std::make_shared<core::bytes>(core::to_bytes(parsed->payload)), from);
  arrived_.come_by(nullptr);
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
    requester_.hurry(node);
  }
  router_.detour_all(std::move(left), node, why);
}

}  // namespace phyllo::overlay
