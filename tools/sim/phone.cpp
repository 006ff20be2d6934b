#include "phone.hpp"

#include <algorithm>

#include "sip/digest.hpp"
#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

constexpr core::duration t1 = 500ms, t2 = 4s, timer_b = 32s;
constexpr std::size_t responses_kept = 64;

std::string text_of(const transport::endpoint& e) { return e.address.to_string() + ":" + std::to_string(e.port); }

bool stops_resending(const sip::message& m) { return m.method() == sip::method::invite && m.status() < 200; }

// Where a request of a dialog goes first: its topmost Route, else its Request-URI.
std::optional<transport::endpoint> first_hop(const sip::message& m) {
  const auto route = first_route(m);
  const auto& u = route ? route->uri : m.request_uri();
  asio::error_code ec;
  const auto address = asio::ip::make_address(std::string(u.host), ec);
  if (ec) return std::nullopt;
  return transport::endpoint{address, u.port.value_or(sim::carrier::sip_port)};
}

}  // namespace

phone::phone(core::environment& env, sim::carrier& carrier, std::string user, std::string password, transport::endpoint at, bool behind_nat)
    : env_(env),
      carrier_(carrier),
      user_(std::move(user)),
      name_(user_.substr(0, user_.find('@'))),
      domain_(user_.substr(user_.find('@') + 1)),
      password_(std::move(password)),
      at_(std::move(at)),
      behind_nat_(behind_nat),
      sent_by_(behind_nat ? "192.168.1.2:5060" : text_of(at_)),
      scope_(env) {
  carrier_.listen(at_, [this](const transport::endpoint& from, core::byte_view data) { hear(from, data); });
}

phone::~phone() { carrier_.listen(at_, {}); }

core::awaitable<void> phone::stop() {
  scope_.cancel();
  co_await scope_.join();
}

void phone::send(const sip::message& m, const transport::endpoint& to) {
  if (behind_nat_) sent_to_.insert(to.address);
  carrier_.send(at_, to, core::as_bytes(m.print()));
}

void phone::hear(const transport::endpoint& from, core::byte_view data) {
  if (behind_nat_ && !sent_to_.contains(from.address)) return;
  auto m = sip::message::parse(data, sip::framing::datagram);
  if (!m || m->defect()) return;
  if (m->is_request()) {
    stamp_received(*m, from);
    return take_request(from, *m);
  }
  const auto via = top_via(*m);
  const auto waits = via ? waiting_.find(std::string(via->branch)) : waiting_.end();
  if (waits != waiting_.end()) waits->second->push(std::move(*m));
}

sip::message phone::reply_to(const sip::message& request, int status) const {
  auto r = request.reply(status, {}, name_);
  for (const auto& rr : request.headers("Record-Route")) (void)r.add_header("Record-Route", rr);
  (void)r.add_header("Contact", "<sip:" + name_ + "@" + sent_by_ + ">");
  return r;
}

void phone::take_request(const transport::endpoint& from, const sip::message& m) {
  const auto branch = std::string(top_via(m)->branch);
  const auto call = std::string(m.call_id());
  if (m.method() == sip::method::ack) {
    if (const auto open = acknowledged_.find(call); open != acknowledged_.end()) open->second = true;
    return;
  }
  if (const auto before = said_.find(branch); before != said_.end()) return send(before->second, from);
  if (said_.size() >= responses_kept) said_.clear();  // whoever sends them again has given up long ago
  if (m.method() != sip::method::invite) return send(said_.emplace(branch, reply_to(m, 200)).first->second, from);
  send(said_.emplace(branch, reply_to(m, 180)).first->second, from);
  scope_.spawn(answer(from, std::make_shared<const sip::message>(m.copy()), call));
}

// Sent again until its ACK has come (s.13.3.1.4).
core::awaitable<void> phone::answer(transport::endpoint from, std::shared_ptr<const sip::message> invite, std::string call) {
  co_await core::sleep_for(env_, answered_after);
  const auto branch = std::string(top_via(*invite)->branch);
  acknowledged_.insert_or_assign(call, false);
  const auto until = env_.now() + 64 * t1;
  for (auto pause = t1; env_.now() < until && !acknowledged_.at(call); pause = std::min(2 * pause, t2)) {
    const auto& ok = said_.insert_or_assign(branch, reply_to(*invite, 200)).first->second;
    send(ok, from);
    co_await core::sleep_for(env_, pause);
  }
  acknowledged_.erase(call);
}

sip::message phone::make(std::string_view method, const std::string& uri, const std::string& to, std::uint32_t cseq,
                         const std::string& call_id) {
  auto m = sip::message::request(method, uri, "<sip:" + user_ + ">;tag=" + name_, to, call_id, cseq).value();
  push_via(m, "UDP", sent_by_, "z9hG4bK" + name_ + std::to_string(++number_));
  (void)m.add_header("Contact", "<sip:" + name_ + "@" + sent_by_ + ">");
  (void)m.add_header("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, MESSAGE, INFO, SUBSCRIBE, UPDATE, PRACK, PUBLISH");
  (void)m.add_header("User-Agent", "Telephone of the simulator");
  return m;
}

void phone::authorize(sip::message& m, const sip::message& challenge) const {
  const bool proxy = challenge.status() == 407;
  sip::digest_credentials c;
  for (const auto& text : challenge.headers(proxy ? "Proxy-Authenticate" : "WWW-Authenticate")) {
    const auto from = text.find("nonce=\"");
    if (text.find("algorithm=SHA-256") == std::string::npos || from == std::string::npos) continue;
    c.nonce = text.substr(from + 7, text.find('"', from + 7) - from - 7);
  }
  constexpr auto a = sip::digest_algorithm::sha256;
  c.uri = m.request_uri().text();
  c.qop = "auth";
  c.nc = "00000001";
  c.cnonce = "cn";
  const auto ha1 = sip::digest_hash(a, name_ + ":" + domain_ + ":" + password_);
  const auto response = sip::digest_response(c, a, ha1, m.method_name()).value_or("");
  (void)m.add_header(proxy ? "Proxy-Authorization" : "Authorization",
                     "Digest username=\"" + name_ + "\", realm=\"" + domain_ + "\", nonce=\"" + c.nonce + "\", uri=\"" + c.uri +
                         "\", response=\"" + response + "\", algorithm=SHA-256, cnonce=\"cn\", qop=auth, nc=00000001");
}

core::awaitable<std::optional<sip::message>> phone::ask(std::shared_ptr<sip::message> request, transport::endpoint to,
                                                        core::time_point* ringing) {
  const auto branch = std::string(top_via(*request)->branch);
  answers heard(env_, 16);
  waiting_.insert_or_assign(branch, &heard);
  struct ended {
    std::map<std::string, answers*>& list;
    std::string branch;
    ~ended() { list.erase(branch); }
  };
  const ended at_the_end{waiting_, branch};
  auto until = env_.now() + timer_b;
  auto pause = t1;
  bool proceeding = false;
  while (env_.now() < until) {  // ends with a final response, or in time
    if (!proceeding) send(*request, to);
    const auto next = proceeding ? until : std::min(until, env_.now() + pause);
    pause = request->method() == sip::method::invite ? 2 * pause : std::min(2 * pause, t2);
    auto m = co_await heard.receive(next);
    if (!m) continue;
    if (m->status() >= 200) co_return std::move(*m);
    if (ringing != nullptr && m->status() > 100 && *ringing == core::time_point()) *ringing = env_.now();
    if (stops_resending(*m)) {
      proceeding = true;
      until = env_.now() + 180s;  // Timer C is the proxy's
    }
  }
  co_return std::nullopt;
}

core::awaitable<bool> phone::registers(transport::endpoint node, std::chrono::seconds expires) {
  node_ = node;
  const auto call_id = name_ + "-register-" + std::to_string(++number_);
  const auto to = "<sip:" + user_ + ">";
  auto first = std::make_shared<sip::message>(make("REGISTER", "sip:" + domain_, to, 1, call_id));
  (void)first->add_header("Expires", std::to_string(expires.count()));
  auto got = co_await ask(first, node);
  if (got && got->status() == 401) {
    auto second = std::make_shared<sip::message>(make("REGISTER", "sip:" + domain_, to, 2, call_id));
    (void)second->add_header("Expires", std::to_string(expires.count()));
    authorize(*second, *got);
    got = co_await ask(second, node);
  }
  registered_ = got && got->status() == 200;
  granted_ = expires;
  if (registered_ && got->expires()) granted_ = std::chrono::seconds(*got->expires());
  if (registered_ && !got->contacts().empty() && got->contacts().front().expires)
    granted_ = std::chrono::seconds(*got->contacts().front().expires);
  co_return registered_;
}

core::awaitable<std::optional<sip::message>> phone::invite(std::string callee, std::string call_id, core::time_point* ringing) {
  const auto uri = "sip:" + callee;
  auto first = std::make_shared<sip::message>(make("INVITE", uri, "<" + uri + ">", 1, call_id));
  auto got = co_await ask(first, node_);
  if (!got || got->status() != 407) co_return got;
  send(first->follow_up("ACK", &*got), node_);
  auto second = std::make_shared<sip::message>(make("INVITE", uri, "<" + uri + ">", 2, call_id));
  authorize(*second, *got);
  got = co_await ask(second, node_, ringing);
  if (got && got->status() >= 300) send(second->follow_up("ACK", &*got), node_);
  co_return got;
}

std::shared_ptr<sip::message> phone::within(std::string_view method, const sip::message& ok, std::uint32_t cseq,
                                            const std::string& call_id) {
  const auto target = ok.contacts().empty() ? ok.to().uri.text() : ok.contacts().front().uri.text();
  auto m = make(method, target, "<" + ok.to().uri.text() + ">;tag=" + std::string(ok.to().tag), cseq, call_id);
  const auto& rr = ok.record_routes();
  for (auto r = rr.rbegin(); r != rr.rend(); ++r) append_route(m, "<" + r->uri.text() + ">");
  return std::make_shared<sip::message>(std::move(m));
}

core::awaitable<bool> phone::hang_up(std::shared_ptr<const sip::message> ok, std::string call_id) {
  auto bye = within("BYE", *ok, 3, call_id);
  const auto to = first_hop(*bye);
  if (!to) co_return false;
  const auto got = co_await ask(bye, *to);
  co_return got && got->status() == 200;
}

core::awaitable<phone::outcome> phone::calls(std::string callee, core::duration talk) {
  outcome o;
  const auto call_id = name_ + "-call-" + std::to_string(++number_);
  const auto began = env_.now();
  core::time_point ringing{};
  auto got = co_await invite(callee, call_id, &ringing);
  o.post_dial = (ringing == core::time_point() ? env_.now() : ringing) - began;
  if (!got) co_return o;
  o.status = got->status();
  if (o.status != 200) co_return o;
  const auto ok = std::make_shared<const sip::message>(std::move(*got));
  const auto ack = within("ACK", *ok, 2, call_id);
  if (const auto to = first_hop(*ack)) send(*ack, *to);
  co_await core::sleep_for(env_, talk);
  o.hung_up = co_await hang_up(ok, call_id);
  co_return o;
}

}  // namespace phyllo::simulate
