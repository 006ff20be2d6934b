#include "reload/messenger.hpp"

#include <algorithm>

namespace phyllo::overlay {

message_contents answer_to(const received_request& r, core::bytes body) {
  message_contents m;
  m.code = static_cast<std::uint16_t>(r.contents.code + 1);
  m.body = std::move(body);
  return m;
}

messenger::messenger(core::environment& env, messenger_options options, std::shared_ptr<const identity::credential> self, topology& where,
                     link_table& links, const identity::trust& trust, core::metrics& metrics, core::logger log,
                     neighbour_observer& neighbours, messenger_observer& up)
    : env_(env),
      options_(options),
      topology_(where),
      links_(links),
      trust_(trust),
      neighbours_(neighbours),
      up_(up),
      counters_(metrics, std::move(log)),
      maker_(std::move(self), trust, options.initial_ttl),
      router_(env, options.forwards, where, links, maker_, counters_, *this),
      requests_(options.end_to_end_timer),
      certificates_(trust) {
  certificates_.keep(maker_.certificate());
}

void messenger::request(destination_list to, message_contents m, core::time_point deadline, request_options o,
                        pending_request::handler done) {
  pending_request r;
  r.transaction = core::random_u64(env_);
  r.payload = maker_.seal(m, r.transaction);
  r.destinations = std::move(to);
  r.code = m.code;
  r.link_only = o.link_only;
  r.deadline = deadline;
  r.next_send = env_.now();  // run_due sends it: never from inside this call
  r.sends_max = o.sends_max != 0 ? o.sends_max : options_.sends_max;
  r.timer = o.timer;
  r.done = std::move(done);
  requests_.add(std::move(r));
  up_.on_agenda_changed();
}

void messenger::request_each(std::vector<node_id> to, message_contents m, core::time_point deadline,
                             std::function<void(node_id, core::result<answer>)> done) {
  const auto transaction = core::random_u64(env_);
  const auto payload = maker_.seal(m, transaction);
  for (const auto& n : to) {
    pending_request r;
    r.transaction = transaction;
    r.payload = payload;
    r.destinations = {destination::to_node(n)};
    r.code = m.code;
    r.deadline = deadline;
    r.next_send = env_.now();
    r.sends_max = options_.sends_max;
    r.done = [n, done](core::result<answer> a) { done(n, std::move(a)); };
    requests_.add(std::move(r));
  }
  up_.on_agenda_changed();
}

void messenger::send_request(pending_request& r) {
  requests_.sent(r, env_.now());
  r.first_hop.reset();
  const auto decided = topology_.decide(r.destinations.front(), r.code == code::fetch_req);
  if (decided.what == verdict::forward) r.first_hop = decided.next;
  auto header = maker_.header(r.transaction, r.destinations);
  if (r.code == code::config_update_req) header.configuration_sequence = any_sequence;
  router_.route(std::move(header), std::make_shared<core::bytes>(r.payload), std::nullopt, r.link_only);
}

void messenger::run_due(core::time_point now) {
  auto local = std::exchange(local_answers_, {});
  for (auto& a : local) {
    if (auto* r = requests_.find(a.transaction, topology_.self())) complete(requests_.take(*r), std::move(a.content));
  }
  auto work = requests_.due(now);
  for (auto* r : work.send) send_request(*r);
  for (auto& r : work.failed) {
    if (r.first_hop && r.destinations.size() == 1 && r.target().id == *r.first_hop) neighbours_.on_unanswered(*r.first_hop);
    const auto detail = code_name(r.code) + " to " + r.target().id.hex() + ", sent " + std::to_string(r.sends) + " times";
    complete(std::move(r), core::fail(errc::timed_out, detail));
  }
  router_.expire_held(now);
}

core::time_point messenger::next_due() const {
  if (!local_answers_.empty()) return core::time_point::min();
  return std::min(requests_.next_due(), router_.held_until());
}

void messenger::hurry(const node_id& hop) {
  requests_.hurry(hop, env_.now());
  up_.on_agenda_changed();
}

void messenger::give_up(const node_id& failed) {
  requests_.give_up(failed, env_.now());
  hurry(failed);
}

void messenger::complete(pending_request r, core::result<answer> a) {
  if (r.done) r.done(std::move(a));
}

void messenger::stop() {
  stopped_ = true;
  for (auto& r : requests_.take_all()) complete(std::move(r), core::fail(errc::not_joined, "the peer has stopped"));
  router_.stop();
  strangers_.clear();
}

forwarding_header messenger::answer_header(const received_request& r) const {
  auto h = maker_.header(r.transaction, r.return_path);
  h.options = r.copied_options;
  return h;
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
