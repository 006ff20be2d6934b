#include "registrar.hpp"

#include <algorithm>
#include <utility>

#include "message_fields.hpp"
#include "record_route.hpp"
#include "register_check.hpp"
#include "retry_after.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t waiting_max = 16;       // REGISTERs of one user
constexpr std::size_t handlers_max = 20'000;  // REGISTERs that wait for the overlay

}  // namespace

registrar::registrar(registrar_parts parts, const service_options& o, location_self self, core::logger log)
    : parts_(parts),
      limits_(o.registration),
      refusal_delay_(o.stranger.refusal_delay),
      self_(std::move(self)),
      log_(std::move(log)),
      registrations_(parts.metrics, "phyllo_registrations_total", "Answers to REGISTER by code; first challenges are not counted.",
                     {200, 400, 401, 403, 404, 420, 423, 439, 500, 503}),
      gate_(parts.env, waiting_max),
      scope_(parts.env) {}

void registrar::start() {
  sweeping_ = true;
  scope_.spawn(sweep());
}

void registrar::on_request(server_id id, std::shared_ptr<const message> request, const source& from) {
  incoming in;
  in.id = id;
  in.request = std::move(request);
  in.from = from;
  in.arrived = parts_.env.now();
  const auto user = parts_.own.user_of(in.request->to().uri);
  if (draining_ || busy() >= handlers_max) return busy_signal(in, 503, "Not Taking Registrations");
  if (parts_.transactions.merged(id)) return refuse(in, 482, "Merged Request");
  if (refused_extension(in)) return;
  if (const auto refused = check_register(*in.request, from, parts_.own, limits_.contacts_max)) {
    return refuse(in, refused->status, refused->phrase);
  }
  if (!user) return refuse(in, 404, "Not A User Of This Registrar");
  in.user = *user;
  in.realm = user->substr(user->rfind('@') + 1);
  scope_.spawn(handle(std::move(in)));
}

core::awaitable<void> registrar::handle(incoming in) {
  const auto a = co_await parts_.authenticator.check(in.request, challenger::registrar, in.realm, in.from);
  // An unknown user and a wrong password take different times to find out.
  if (a.result == authentication::outcome::refused) co_await core::sleep_until(parts_.env, in.arrived + refusal_delay_);
  if (!admit(in, a)) co_return;
  in.by_sha256 = !a.by_md5;
  auto pass = co_await gate_.enter(in.user);
  if (!pass) {
    busy_signal(in, 503, "Too Many Registrations Of This User");
    co_return;
  }
  co_await change(std::move(in));
}

bool registrar::admit(const incoming& in, const authentication& a) {
  using outcome = authentication::outcome;
  switch (a.result) {
    case outcome::absent:
    case outcome::weak:
    case outcome::stale: challenge(in, a); return false;
    case outcome::refused:
      registrations_.add(401);
      challenge(in, a);
      return false;
    case outcome::limited: busy_signal(in, 503, "Too Many Wrong Passwords"); return false;
    case outcome::malformed: refuse(in, 400, "Bad Credentials"); return false;
    case outcome::unavailable: busy_signal(in, 503, "Credentials Not Available"); return false;
    case outcome::accepted: parts_.transactions.prove(in.from); break;
  }
  if (a.user == in.user) return true;
  refuse(in, 403, "Not This User's Registration");  // step 4: third-party registration
  return false;
}

// One of his phones has used SHA-256, at whatever node: whoever answers by less may have been asked by somebody between.
bool registrar::can_do_better(const incoming& in, const std::vector<binding>& known) {
  if (in.by_sha256 || std::ranges::none_of(known, registered_by_sha256)) return false;
  parts_.authenticator.learn_better(in.user, in.from);
  authentication a;
  a.result = authentication::outcome::weak;
  a.user = in.user;
  challenge(in, a);
  return true;
}

core::awaitable<void> registrar::change(incoming in) {
  auto known = co_await current(in.user);
  const auto now = parts_.env.wall_now();
  if (known && can_do_better(in, *known)) co_return;
  core::status written;
  if (!known) {
    written = core::fail(known.error());
    known = table_.here(in.user, now);
  }
  auto plan = plan_registration(read_register(*in.request, in.from, parts_.own, own_path(in)), *known, limits_, now);
  if (plan.status != 200) {
    auto response = in.request->reply(plan.status, plan.phrase, parts_.transactions.to_tag_for(in.id));
    if (plan.min_expires) (void)response.add_header("Min-Expires", std::to_string(plan.min_expires->count()));
    registrations_.add(plan.status);
    send(in, std::move(response));
    co_return;
  }
  const auto bindings = plan.bindings;
  // With the overlay out of reach a refresh that changes nothing is still good.
  if (!written && !known->empty() && plan.store.empty() && plan.remove.empty()) written = core::status();
  if (written) written = co_await write(in.user, std::move(plan));
  if (!written) {
    log_.warning("a registration could not be stored: {}", written.error().code().message());
    busy_signal(in, written.error() == overlay::errc::timed_out ? 504 : 503, "Location Not Stored");
    co_return;
  }
  table_.replace(in.user, bindings);
  if (!table_.here(in.user, now).empty()) keep_flow(in);
  accept(in, bindings);
}

// A phone's connection makes room for nobody, while it is among as many as its user may have phones.
void registrar::keep_flow(const incoming& in) {
  parts_.transactions.keep_flow(in.from.flow, true);
  const auto left = flows_.note(in.user, in.from.flow, limits_.contacts_max);
  if (left != flow_id::none) parts_.transactions.keep_flow(left, false);
}

core::awaitable<core::result<std::vector<binding>>> registrar::current(std::string user) {
  const overlay::read_options o;
  const auto found = co_await parts_.overlay.get(std::string(), location_name(user), o);
  const auto now = parts_.env.wall_now();
  if (!found && found.error() != overlay::errc::not_found) {
    log_.warning("a user's locations could not be read: {}", found.error().code().message());
    co_return core::fail(found.error());
  }
  std::vector<binding> stored;
  if (found) stored = to_bindings(found->values, self_.node, now);
  co_return table_.merged(user, std::move(stored), now);
}

core::awaitable<core::status> registrar::write(std::string user, registration_plan plan) {
  for (const auto& b : plan.store) {
    auto done = co_await write_one(user, b);
    if (!done) co_return done;
  }
  for (const auto& key : plan.remove) {
    auto done = co_await remove_one(user, key);
    if (!done) co_return done;
  }
  co_return core::status();
}

core::awaitable<core::status> registrar::write_one(std::string user, binding b) {
  auto record = to_record(user, b, self_, parts_.env.wall_now());
  const auto lifetime = std::chrono::seconds(record.lifetime_s);
  overlay::write_options o;
  o.binding = b.key;
  const auto done = co_await parts_.overlay.update(std::string(), location_name(user), std::move(record), lifetime, o);
  if (!done) co_return core::fail(done.error());
  co_return core::status();
}

core::awaitable<core::status> registrar::remove_one(std::string user, overlay::binding key) {
  overlay::write_options o;
  o.binding = key;
  const auto done = co_await parts_.overlay.remove(std::string(), location_name(user), o);
  if (!done && done.error() != overlay::errc::not_found) co_return core::fail(done.error());
  co_return core::status();
}

// The URI by which other supernodes reach the phone through this one; flagged `direct` where no NAT lies between. It is the same for a
// day, so that a refresh writes no new record for it.
std::string registrar::own_path(const incoming& in) const {
  constexpr std::uint64_t day = 86'400;  // longer than a record lives
  path_token t;
  t.ends = static_cast<std::uint32_t>((core::unix_milliseconds(parts_.env.wall_now()) / 1000 / day + 2) * day);
  t.made_by = node_hash(self_.node);
  t.domain = in.realm;
  t.phone.over = flow_of(in.from);
  t.phone.user = user_hash(in.user);
  t.phone.beyond = !path_texts(*in.request).empty();
  const auto contact = reachable_contact(*in.request, in.from);
  if (contact && contact->port != t.phone.over.remote.port) t.phone.listens = contact->port;
  auto text = own_uri(parts_.own, seal(parts_.sealer, t), protocol::udp, false);
  if (contact) text.insert(text.size() - 1, ";direct");
  if (in.by_sha256) text.insert(text.size() - 1, ";sha256");
  return text;
}

void registrar::challenge(const incoming& in, const authentication& a) {
  auto response = in.request->reply(401, {}, parts_.transactions.to_tag_for(in.id));
  parts_.authenticator.challenge(response, challenger::registrar, in.user, in.realm, in.from, a, parts_.transactions.room_for(in.from));
  send(in, std::move(response));
}

// s.8.2.2.3: what the phone requires and nobody here knows.
bool registrar::refused_extension(const incoming& in) {
  auto unknown = option_tags(*in.request, field::require);
  std::erase_if(unknown, [](std::string_view tag) { return equal_ignoring_case(tag, "path") || equal_ignoring_case(tag, "outbound"); });
  if (unknown.empty()) return false;
  auto response = in.request->reply(420, "Bad Extension", parts_.transactions.to_tag_for(in.id));
  for (const auto tag : unknown) (void)response.add_header("Unsupported", tag);
  registrations_.add(420);
  send(in, std::move(response));
  return true;
}

void registrar::refuse(const incoming& in, int status, std::string_view phrase) {
  registrations_.add(status);
  send(in, in.request->reply(status, phrase, parts_.transactions.to_tag_for(in.id)));
}

void registrar::busy_signal(const incoming& in, int status, std::string_view why) {
  registrations_.add(status);
  auto response = in.request->reply(status, why, parts_.transactions.to_tag_for(in.id));
  add_retry_after(response, parts_.env);
  send(in, std::move(response));
}

// Step 8: "The response MUST contain Contact header field values enumerating all current bindings", each with its
// expiry; "The response SHOULD include a Date header field." RFC 3327 s.5.3: Path goes back as it came.
void registrar::accept(const incoming& in, const std::vector<binding>& bindings) {
  const auto now = parts_.env.wall_now();
  auto response = in.request->reply(200, {}, parts_.transactions.to_tag_for(in.id));
  for (const auto& b : bindings) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(b.expires - now).count();
    auto value = "<" + b.contact.text() + ">;expires=" + std::to_string(std::max<std::int64_t>(left, 0));
    if (b.q_thousandths != 1000) value += fmt::format(";q=0.{:03}", b.q_thousandths);
    if (!b.instance.empty()) value += ";+sip.instance=\"" + b.instance + "\"";
    if (b.reg_id != 0) value += ";reg-id=" + std::to_string(b.reg_id);
    value += b.features;
    (void)response.add_header("Contact", value);
  }
  for (const auto& p : path_texts(*in.request)) (void)response.add_header("Path", p);
  (void)response.add_header("Date", sip_date(now));
  (void)response.add_header("Supported", "path, outbound");
  if (over_flow(*in.request)) {
    (void)response.add_header("Require", "outbound");
    if (in.request->vias().size() == 1) (void)response.add_header("Flow-Timer", std::to_string(limits_.flow_timer.count()));
  }
  registrations_.add(200);
  send(in, std::move(response));
}

void registrar::send(const incoming& in, message response) { parts_.transactions.reply(in.id, std::move(response)); }

// Ends by cancellation.
core::awaitable<void> registrar::sweep() {
  constexpr std::size_t batch = 100;
  while (true) {
    co_await core::sleep_for(parts_.env, std::chrono::seconds(1));
    const auto expired = table_.take_expired(parts_.env.wall_now(), batch);
    for (const auto& [user, b] : expired) co_await retire(user, b);
  }
}

// A phone went without a word: its record goes too, unless it has come back meanwhile, here or at another registrar.
core::awaitable<void> registrar::retire(std::string user, binding b) {
  auto pass = co_await gate_.enter(user);
  if (!pass) co_return;
  const auto ours = table_.here(user, parts_.env.wall_now());
  if (std::ranges::find(ours, b.key, &binding::key) != ours.end()) co_return;
  const overlay::read_options o;
  const auto found = co_await parts_.overlay.get(std::string(), location_name(user), o);
  if (!found) co_return;
  const auto entry = std::ranges::find(found->values, b.key, &overlay::stored_value::entry);
  if (entry == found->values.end() || entry->signer_node != self_.node) co_return;
  const auto done = co_await remove_one(user, b.key);
  if (!done) log_.info("an expired location stays until its record ends: {}", done.error().code().message());
}

void registrar::restore(std::string_view journal, const std::function<bool(const std::string& user)>& own) {
  auto users = binding_journal::read(journal);
  for (const auto& [user, bindings] : users) {
    for (const auto& b : bindings) {
      const auto first = b.path.empty() ? std::nullopt : uri_within(b.path.front());
      const auto path = first ? open_path_token(parts_.sealer, first->user) : std::nullopt;
      if (!path || path->phone.over.by != protocol::udp || b.expires <= parts_.env.wall_now()) continue;
      source heard;
      heard.remote = path->phone.over.remote;
      heard.standing = source::standing_there{.proven = true};  // an address of another shard's, which reads this too
      parts_.transactions.prove(heard);
    }
  }
  std::erase_if(users, [&](const auto& of) { return !own(of.first); });
  table_.restore(std::move(users));
}

std::vector<flow_id> registrar::withdraw(const std::function<bool(const std::string& user)>& gone) {
  std::vector<flow_id> flows;
  for (const auto& user : table_.users()) {
    if (!gone(user)) continue;
    const auto ended = table_.here(user, core::wall_time());
    table_.replace(user, {});
    for (const auto& b : ended) scope_.spawn(retire(user, b));
    std::ranges::copy(flows_.take(user), std::back_inserter(flows));
  }
  return flows;
}

core::awaitable<void> registrar::stop() {
  scope_.cancel();
  co_await scope_.join();
}

}  // namespace phyllo::sip
