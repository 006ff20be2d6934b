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
      self_(std::move(self)),
      topology_(where),
      links_(links),
      trust_(trust),
      metrics_(metrics),
      log_(std::move(log)),
      neighbours_(neighbours),
      up_(up),
      requests_(options.end_to_end_timer),
      certificates_(trust) {
  certificates_.keep(self_->certificate);
  const auto counter = [this](const std::string& name) {
    return &metrics_.get_counter("phyllo_reload_messages_total", "RELOAD messages received, by code.", {{"code", name}});
  };
  errors_ = counter(code_name(code::error));
  counters_[0] = counter(code_name(0));
  for (std::uint16_t c = 1; c < counters_.size(); ++c) {
    const auto name = code_name(c);
    counters_[c] = name == "other" ? counters_[0] : counter(name);
  }
}

void messenger::request(destination_list to, message_contents m, core::time_point deadline, request_options o,
                        pending_request::handler done) {
  pending_request r;
  r.transaction = core::random_u64(env_);
  r.payload = seal_payload(m, trust_.overlay_hash(), r.transaction, *self_);
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
  const auto payload = seal_payload(m, trust_.overlay_hash(), transaction, *self_);
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
  auto header = make_header(r.transaction, r.destinations);
  if (r.code == code::config_update_req) header.configuration_sequence = any_sequence;
  route(std::move(header), std::make_shared<core::bytes>(r.payload), std::nullopt, r.link_only);
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
  std::erase_if(held_, [&](const held_message& h) { return h.until <= now; });
}

core::time_point messenger::next_due() const {
  if (!local_answers_.empty()) return core::time_point::min();
  auto out = requests_.next_due();
  for (const auto& h : held_) out = std::min(out, h.until);
  return out;
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
  held_.clear();
  strangers_.clear();
}

void messenger::drop(std::string_view reason, const std::optional<node_id>& from) {
  metrics_.drop(reason);
  log_.debug("dropped a message from {}: {}", from ? from->hex() : "here", reason);
}

void messenger::count(std::uint16_t code) {
  auto* known = code < counters_.size() ? counters_[code] : counters_[0];
  (code == code::error ? errors_ : known)->add();
}

forwarding_header messenger::make_header(std::uint64_t transaction, destination_list to) const {
  forwarding_header h;
  h.overlay = trust_.overlay_hash();
  h.configuration_sequence = sequence_;
  h.ttl = options_.initial_ttl;
  h.transaction_id = transaction;
  h.destinations = std::move(to);
  return h;
}

forwarding_header messenger::answer_header(const received_request& r) const {
  auto h = make_header(r.transaction, r.return_path);
  h.options = r.copied_options;
  return h;
}

void messenger::on_message(transport::link& l, core::byte_view message) {
  const auto from = l.peer().node();
  if (stopped_) return;
  if (!links_.take_token(l, env_.now())) return drop("rate_limited", from);
  neighbours_.on_heard(from);
  auto parsed = parse_beginning(message);
  if (!parsed || (!parsed->whole && message.size() < options_.message_max)) return drop("malformed", from);
  auto& h = parsed->header;
  count(peek_code(parsed->payload));
  if (h.overlay != trust_.overlay_hash()) return drop("wrong_overlay", from);
  if (!parsed->whole || message.size() > options_.message_max) {  // links give the beginning of what is too large for them
    refuse(h, parsed->payload, from, error_code::message_too_large, "at most " + std::to_string(options_.message_max) + " bytes");
    return drop("too_large", from);
  }
  if (h.fragment != whole_message) return drop("fragment", from);
  if (h.ttl > options_.initial_ttl) {
    refuse(h, parsed->payload, from, error_code::ttl_exceeded, "over initial-ttl");
    return drop("ttl", from);
  }
  if (has_duplicates(h.destinations)) {
    refuse(h, parsed->payload, from, error_code::invalid_message, "destination list with duplicates");
    return drop("malformed", from);
  }
  arrived_ = &l;
  route(std::move(h), std::make_shared<core::bytes>(core::to_bytes(parsed->payload)), from);
  arrived_ = nullptr;
}

void messenger::on_acknowledged(transport::link& l, std::uint64_t token) {
  kept_.take(token);
  if (!stopped_) neighbours_.on_heard(l.peer().node());
}

void messenger::on_overdue(transport::link& l, std::uint64_t token) {
  const auto node = l.peer().node();
  neighbours_.on_overdue(node);
  auto m = kept_.take(token);
  if (!m || m->link_only || stopped_) return;
  if (waits_for_its_link(*m, node)) return kept_.put_back(token, std::move(*m));
  if (!detours_.take(env_.now())) return metrics_.drop("detours");  // its link still tries
  reroute(std::move(*m), node);
}

void messenger::on_closed(transport::link& l, const core::error& why) {
  const auto node = l.peer().node();
  auto left = kept_.take_of(&l);
  const auto gone = links_.remove(l);  // keeps the link alive to the end of this call
  if (!gone.link || stopped_) return;
  if (gone.last) {
    neighbours_.on_link_closed(node, why);
    hurry(node);
  }
  for (auto& m : left) {
    if (!m.link_only) reroute(std::move(m), node, &why);
  }
}

}  // namespace phyllo::overlay
