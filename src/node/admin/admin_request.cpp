// What the admin interface answers.
#include <fmt/format.h>

#include "admin/admin.hpp"
#include "admin/node_status.hpp"
#include "admin/trace_report.hpp"
#include "phyllo/node/json_text.hpp"
#include "phyllo/node/outcome.hpp"

namespace phyllo::node {
namespace {

using nlohmann::json;
using transport::http_request;
using transport::http_response;

constexpr std::int64_t lifetime_s_max = 86400;  // the Kind's longest
constexpr std::int64_t timeout_s_max = 3600;

http_response reply(int status, const json& body) {
  return {status, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, printed(body) + "\n"};
}

http_response refuse(int status, const char* token, std::string message) {
  return reply(status, {{"error", token}, {"message", std::move(message)}});
}

http_response refuse(const core::error& e) {
  int status = 409;
  if (exit_code_of(e) == exit_code::not_found) status = 404;
  if (exit_code_of(e) == exit_code::usage) status = 400;
  if (exit_code_of(e) == exit_code::timed_out) status = 504;
  if (e == overlay::errc::not_joined) status = 503;
  return reply(status, {{"error", error_token(e)}, {"message", e.message()}});
}

constexpr std::int64_t watch_s_max = 60;  // of one request: who has gone is soon noticed

struct operation {
  std::string verb;
  std::string overlay_id;  // empty: the only one
  overlay::name name;
  std::string value;
  std::chrono::seconds lifetime{3600};
  std::chrono::seconds timeout{8};
  std::optional<overlay::state_digest> seen;
};

core::result<std::chrono::seconds> seconds_of(const json& body, const char* key, std::chrono::seconds otherwise, std::int64_t most) {
  if (!body.contains(key)) return otherwise;
  const auto& v = body[key];
  if (!v.is_number_integer() || v < 1 || v > most)
    return core::fail(errc::usage, fmt::format("{}: expected a number from 1 to {}", key, most));
  return std::chrono::seconds(v.get<std::int64_t>());
}

// The state that a watch goes on from, as an earlier answer gave it.
core::status take_seen(const json& body, operation& o) {
  if (!body.contains("seen")) return {};
  const auto id = body["seen"].is_string() ? overlay::node_id::from_hex(body["seen"].get<std::string>()) : std::nullopt;
  if (!id) return core::fail(errc::usage, "seen: expected the state of an earlier answer, 32 hex digits");
  o.seen = id->octets;
  return {};
}

// The body of every command.
core::result<json> parse_body(const std::string& text) {
  auto body = json::parse(text, nullptr, false);
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string())
    return core::fail(errc::usage, "expected a JSON object with a name");
  if (body.contains("overlay") && !body["overlay"].is_string()) return core::fail(errc::usage, "overlay: expected an id, a string");
  return body;
}

core::result<operation> parse(std::string verb, const json& body) {
  operation o;
  o.verb = std::move(verb);
  o.overlay_id = body.value("overlay", "");
  if (auto seen = take_seen(body, o); !seen) return core::fail(seen.error());
  auto name = overlay::name::parse(body["name"].get<std::string>());
  if (!name) return core::fail(name.error());
  o.name = std::move(*name);
  if (o.verb == "add" || o.verb == "update") {
    if (!body.contains("value") || !body["value"].is_string()) return core::fail(errc::usage, "expected a value, a string");
    o.value = body["value"].get<std::string>();
  }
  const auto lifetime = seconds_of(body, "lifetime_s", o.lifetime, lifetime_s_max);
  const auto timeout = seconds_of(body, "timeout_s", o.timeout, o.verb == "watch" ? watch_s_max : timeout_s_max);
  if (!lifetime) return core::fail(lifetime.error());
  if (!timeout) return core::fail(timeout.error());
  o.lifetime = *lifetime;
  o.timeout = *timeout;
  return o;
}

overlay::record record_of(const operation& o) {
  overlay::record r;
  r.name = o.name;
  r.lifetime_s = static_cast<std::uint32_t>(o.lifetime.count());
  r.value = o.value;
  return r;
}

core::awaitable<core::result<overlay::outcome>> perform(overlay::overlay& overlay, operation o) {
  overlay::read_options read;
  read.timeout = o.timeout;
  overlay::write_options write;
  write.timeout = o.timeout;
  auto record = record_of(o);
  overlay::watch_options watch;
  watch.timeout = o.timeout;
  watch.seen = o.seen;
  if (o.verb == "get") co_return co_await overlay.get(o.overlay_id, o.name, read);
  if (o.verb == "watch") co_return co_await overlay.watch(o.overlay_id, o.name, watch);
  if (o.verb == "add") co_return co_await overlay.add(o.overlay_id, o.name, std::move(record), o.lifetime, write);
  if (o.verb == "update") co_return co_await overlay.update(o.overlay_id, o.name, std::move(record), o.lifetime, write);
  co_return co_await overlay.remove(o.overlay_id, o.name, write);
}

core::awaitable<http_response> perform_trace(const admin_sources& sources, json body) {
  const auto target = trace_target::parse(body["name"].get<std::string>());
  if (!target) co_return refuse(target.error());
  const auto timeout = seconds_of(body, "timeout_s", std::chrono::seconds(8), timeout_s_max);
  if (!timeout) co_return refuse(timeout.error());
  const auto id = body.value("overlay", "");
  const auto traced = co_await sources.trace(id, target->key, *timeout);
  if (!traced) co_return refuse(traced.error());
  co_return reply(200, to_json(*target, *traced));
}

bool is_verb(const std::string& v) { return v == "get" || v == "add" || v == "update" || v == "remove" || v == "watch" || v == "trace"; }

core::awaitable<http_response> command(const admin_sources& sources, http_request r, std::string verb) {
  if (r.method != "POST") co_return refuse(405, "refused", "expected POST");
  auto body = parse_body(r.body);
  if (!body) co_return refuse(body.error());
  const auto overlay = sources.overlay(body->value("overlay", ""));
  if (!overlay) co_return refuse(overlay.error());
  if (verb == "trace") co_return co_await perform_trace(sources, std::move(*body));
  auto o = parse(std::move(verb), *body);
  if (!o) co_return refuse(o.error());
  const auto name = o->name;
  const auto done = co_await perform(**overlay, std::move(*o));
  if (!done) co_return refuse(done.error());
  co_return reply(200, to_json(name, *done));
}

http_response reload(const admin_sources& sources, const http_request& r) {
  if (r.method != "POST") return refuse(405, "refused", "expected POST");
  const auto done = sources.reload();
  return done ? reply(200, *done) : refuse(done.error());
}

core::awaitable<http_response> settle(const admin_sources& sources, http_request r) {
  if (r.method != "POST") co_return refuse(405, "refused", "expected POST");
  const auto body = json::parse(r.body, nullptr, false);
  const bool good = body.is_object() && body.contains("change") && body["change"].is_number_integer() &&
                    (!body.contains("overlay") || body["overlay"].is_string());
  if (!good) co_return refuse(core::error(errc::usage, "expected a JSON object with the number of a change of the accounts"));
  const auto timeout = seconds_of(body, "timeout_s", std::chrono::seconds(8), timeout_s_max);
  if (!timeout) co_return refuse(timeout.error());
  auto id = body.value("overlay", "");
  const auto change = body["change"].get<std::int64_t>();
  const auto reach = co_await sources.settle(std::move(id), change, *timeout);
  if (!reach) co_return refuse(reach.error());
  co_return reply(200, {{"revocations", reach->number}, {"have", reach->have}, {"of", reach->of}});
}

http_response form(const admin_sources& sources, const http_request& r) {
  if (r.method != "POST") return refuse(405, "refused", "expected POST");
  const auto body = json::parse(r.body, nullptr, false);
  const bool good = body.is_object() && (!body.contains("overlay") || body["overlay"].is_string());
  if (!good) return refuse(core::error(errc::usage, "expected a JSON object, and in it the overlay's id if the node has several"));
  const auto done = sources.form(body.value("overlay", ""));
  return done ? reply(200, {{"forming", true}}) : refuse(done.error());
}

}  // namespace

http_response refuse_admin(const admin_gate::refusal& why) {
  auto out = refuse(why.status, "refused", why.message);
  if (why.status == 401) out.headers["www-authenticate"] = "Bearer";  // RFC 9110 s.11.6.1
  return out;
}

core::awaitable<http_response> answer_admin(const admin_sources& sources, http_request r) {
  const auto path = r.path();
  const std::string overlay_prefix = "/overlay/";
  if (path.starts_with(overlay_prefix) && is_verb(path.substr(overlay_prefix.size()))) {
    co_return co_await command(sources, std::move(r), path.substr(overlay_prefix.size()));
  }
  if (path == "/reload") co_return reload(sources, r);
  if (path == "/overlay/form") co_return form(sources, r);
  if (path == "/accounts/settle") co_return co_await settle(sources, std::move(r));
  const bool known = path == "/metrics" || path == "/healthz" || path == "/status";
  if (!known)
    co_return refuse(
        404, "not_found",
        "expected /metrics, /healthz, /status, /reload, /accounts/settle or /overlay/{get,add,update,remove,watch,trace,form}");
  if (r.method != "GET" && r.method != "HEAD") co_return refuse(405, "refused", "expected GET");
  if (path == "/status") co_return reply(200, sources.status());
  if (path == "/healthz") {
    const auto h = sources.healthz();
    co_return reply(h.good ? 200 : 503, h.report);
  }
  http_response page;
  page.headers["content-type"] = "text/plain; version=0.0.4";
  page.body = sources.metrics();
  co_return page;
}

}  // namespace phyllo::node
