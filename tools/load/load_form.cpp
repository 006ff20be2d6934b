#include "load_form.hpp"

#include <algorithm>
#include <map>

#include "phyllo/node/nearest.hpp"

namespace phyllo::load {
namespace {

using node::nearest;

void add_time(CLI::App& c, const std::string& name, core::duration& to, const std::string& what, const std::string& usual) {
  const auto take = [&to](const std::string& text) {
    const auto d = parse_duration(text);
    if (!d) throw CLI::ValidationError(d.error().detail());
    to = *d;
  };
  c.add_option_function<std::string>(name, take, what)->type_name("TIME")->default_str(usual);
}

void add_load(CLI::App& c, load_options& l) {
  c.add_option("--rate", l.rate, "Operations a second, begun whether those before are over or not")
      ->check(CLI::Range(0.01, 1e7))
      ->capture_default_str()
      ->group("Load");
  c.add_option("--count", l.count, "Operations in all, without a warm-up (default: as many as --time holds)")
      ->check(CLI::Range(1ULL, 1ULL << 40))
      ->group("Load");
  add_time(c, "--time", l.length, "How long operations are begun", "10s");
  add_time(c, "--warm-up", l.warm_up, "How long before, without being counted", "1s");
  add_time(c, "--give-up", l.give_up, "How long one may take", "32s");
  c.add_option("--threads", l.threads, "Threads, each with sockets and a share of the users of its own")
      ->check(CLI::Range(1, 256))
      ->capture_default_str()
      ->group("Load");
  c.add_option("--seed", l.seed, "Of what is random (default: any)")->group("Load");
  c.add_option("--open-max", l.open_max, "Operations under way at a time, of a thread")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str()
      ->group("Load");
  const std::map<std::string, spacing> spacings{{"even", spacing::even}, {"poisson", spacing::poisson}};
  c.add_option("--spacing", l.spaced, "even, or poisson: as of many who know nothing of each other")
      ->transform(CLI::CheckedTransformer(spacings))
      ->group("Load");
  c.add_flag("--search", l.search, "Find the highest rate at which nothing fails (RFC 7502), from --rate up; each try lasts --time")
      ->group("Load");
  c.add_option("--search-max", l.search_most, "No rate above this is tried")->capture_default_str()->group("Load");
  c.add_option("--precision", l.precision, "The search ends when it knows the rate to this share of itself")
      ->check(CLI::Range(0.001, 0.5))
      ->capture_default_str()
      ->group("Load");
}

void add_limits(CLI::App& c, load_options& l) {
  const auto limit = [&l](const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      auto one = latency_limit::parse(text);
      if (!one) throw CLI::ValidationError(one.error().detail());
      l.limits.push_back(std::move(*one));
    }
  };
  c.add_option_function<std::vector<std::string>>("--fail-above", limit,
                                                  "Exit code 1 where a latency is above: p99=50ms, mean=5ms, max=1s; may be repeated")
      ->type_name("NAME=TIME")
      ->allow_extra_args(false)
      ->group("Limits");
  const auto share = [&l](const std::string& text) {
    const auto s = parse_share(text);
    if (!s) throw CLI::ValidationError(s.error().detail());
    l.failed_most = *s;
  };
  c.add_option_function<std::string>("--fail-rate", share, "Exit code 1 where more fail: 0.1%")->type_name("SHARE")->group("Limits");
}

void add_output(CLI::App& c, output_options& o) {
  c.add_flag("--json", o.json, "Print JSON")->group("Output");
  c.add_option("--csv", o.csv_file, "Write a line for each second to this file")->type_name("FILE")->group("Output");
  c.add_option("--percentiles", o.percentiles_file, "Write the latencies as HdrHistogram's plotters read them")
      ->type_name("FILE")
      ->group("Output");
}

void add_network(CLI::App& c, network_options& n, bool streams) {
  c.add_option("TARGET", n.target, "HOST, HOST:PORT or [IPV6]:PORT of the server")->required();
  c.add_option("--source", n.sources, "Address, or ADDRESS:PORT, to send from; may be repeated")
      ->type_name("ADDRESS")
      ->allow_extra_args(false)
      ->group("Network");
  c.add_option("--sockets", n.sockets, "Sockets or connections of each source address, of a thread")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str()
      ->group("Network");
  if (!streams) return;
  const std::map<std::string, transport_kind> kinds{{"udp", transport_kind::udp},
                                                    {"tcp", transport_kind::tcp},
                                                    {"tls", transport_kind::tls},
                                                    {"ws", transport_kind::ws},
                                                    {"wss", transport_kind::wss}};
  c.add_option("--transport", n.transport, "udp, tcp, tls, ws or wss (RFC 7118)")
      ->transform(CLI::CheckedTransformer(kinds))
      ->group("Network");
  c.add_option("--ca", n.ca_file, "Check the server's certificate by these authorities, PEM (default: it is not checked)")
      ->type_name("FILE")
      ->group("Network");
  c.add_option("--path", n.path, "Of a WebSocket's URL")->capture_default_str()->group("Network");
}

void add_users(CLI::App& c, sip_options& s) {
  c.add_option("--domain", s.domain, "Of the users' addresses")->capture_default_str()->group("Users");
  c.add_option("--users-file", s.users_file, "CSV of user,password")->type_name("FILE")->group("Users");
  c.add_option("--user", s.user_pattern, "Users' names, {} being a number from 0 on")->capture_default_str()->group("Users");
  c.add_option("--password", s.password_pattern, "Their passwords; {} likewise")->capture_default_str()->group("Users");
  c.add_option("--users", s.users, "How many there are")->check(CLI::Range(1, 100'000'000))->capture_default_str()->group("Users");
  const std::map<std::string, digest_choice> choices{
      {"any", digest_choice::any}, {"md5", digest_choice::md5}, {"sha-256", digest_choice::sha256}};
  c.add_option("--digest", s.digest, "Algorithm that is answered: any (SHA-256 where it is offered), md5, sha-256")
      ->transform(CLI::CheckedTransformer(choices))
      ->group("Users");
}

void add_callees(CLI::App& c, sip_options& s) {
  c.add_option("--callees-file", s.callees_file, "CSV of user,password of those that are called")->type_name("FILE")->group("Callees");
  c.add_option("--callee", s.callee_pattern, "Their names, {} being a number from 0 on")->capture_default_str()->group("Callees");
  c.add_option("--callee-password", s.callee_password, "Their passwords; {} likewise")->capture_default_str()->group("Callees");
  c.add_option("--callees", s.callees, "How many there are; each registers before the load begins")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group("Callees");
}

CLI::App& add_command(CLI::App& app, options& o, const std::string& name, const std::string& what, const std::string& examples) {
  auto& c = *app.add_subcommand(name, what);
  c.footer("Examples:\n" + examples);
  add_load(c, o.load);
  add_limits(c, o.load);
  add_output(c, o.output);
  c.callback([&o, name] { o.command = name; });
  return c;
}

const CLI::App& innermost(const CLI::App& app) {
  const auto* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();  // ends with the last that was named
  return *at;
}

std::vector<std::string> commands_of(const CLI::App& c) {
  std::vector<std::string> out;
  for (const auto* sub : c.get_subcommands([](const CLI::App*) { return true; })) out.push_back(sub->get_name());
  return out;
}

std::vector<std::string> options_of(const CLI::App& c) {
  std::vector<std::string> out;
  for (const auto* option : c.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

}  // namespace

void add_commands(CLI::App& app, options& o) {
  auto& stun = add_command(app, o, "stun", "Binding requests (RFC 8489) by UDP, as many a second as are asked for",
                           "  phyllo-load stun 192.0.2.1 --rate 5000\n"
                           "  phyllo-load stun '[2001:db8::1]:3478' --rate 20000 --search --time 5s\n");
  add_network(stun, o.network, false);

  auto& reg =
      add_command(app, o, "sip-register", "REGISTER of many users, with digest where it is asked for",
                  "  phyllo-load sip-register 192.0.2.1 --domain example.com --users-file users.csv --rate 500\n"
                  "  phyllo-load sip-register 192.0.2.1 --user 'u{}' --users 1000 --password pw --fail-above p99=50ms --fail-rate 0.1%\n");
  add_network(reg, o.network, true);
  add_users(reg, o.sip);
  reg.add_option("--expires", o.sip.expires, "Seconds that a registration is asked to last")->capture_default_str()->group("Users");

  auto& call = add_command(
      app, o, "sip-call", "Calls from INVITE to BYE; both ends are here, the server is between them",
      "  phyllo-load sip-call 192.0.2.1 --callee bob --callee-password pw --rate 200 --hold 2s\n"
      "  phyllo-load sip-call 192.0.2.1 --callee-by-contact --rate 1000 --search --json\n"
      "  phyllo-load sip-call 127.0.0.1:5091 --callee-by-contact --callee-source 127.0.0.1:5091   # no server: this program alone\n");
  add_network(call, o.network, true);
  add_users(call, o.sip);
  add_callees(call, o.sip);
  call.add_option("--callee-source", o.sip.callee_sources,
                  "Address, or ADDRESS:PORT, of the callees' sockets (default: as --source); may be repeated")
      ->type_name("ADDRESS")
      ->allow_extra_args(false)
      ->group("Callees");
  call.add_flag("--callee-by-contact", o.sip.callee_by_contact, "Nobody registers: the INVITE names the callee's own address")
      ->group("Callees");
  add_time(call, "--hold", o.sip.hold, "How long a call lasts", "0s");

  auto& message = add_command(app, o, "sip-message", "MESSAGE (RFC 3428) from users to those that are registered here",
                              "  phyllo-load sip-message 192.0.2.1 --callee bob --callee-password pw --rate 500 --bytes 200\n");
  add_network(message, o.network, true);
  add_users(message, o.sip);
  add_callees(message, o.sip);
  message.add_option("--bytes", o.sip.body_bytes, "Of each message's text")
      ->check(CLI::Range(0, 1200))
      ->capture_default_str()
      ->group("Users");
}

void add_further_commands(CLI::App& app, options& o) {
  auto& connections =
      add_command(app, o, "connections", "Connections that are opened at a rate, through their handshakes, and kept to the end",
                  "  phyllo-load connections 192.0.2.1 --transport tls --rate 500 --count 20000 --source 192.0.2.7 --source 192.0.2.8\n");
  add_network(connections, o.network, true);

  auto& overlay = add_command(app, o, "overlay", "Reads and writes of records through a running node, by its admin interface",
                              "  phyllo-load overlay /run/phyllo/admin.sock --rate 200 --reads 0.9 --names 10000\n");
  overlay.add_option("TARGET", o.network.target, "The node's admin socket")->required();
  overlay.add_option("--domain", o.sip.domain, "Of the records' names")->capture_default_str()->group("Records");
  overlay.add_option("--reads", o.overlay.reads, "Share of operations that read; a name is written before it is read")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group("Records");
  overlay.add_option("--names", o.overlay.names, "Under how many names")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str()
      ->group("Records");
  overlay.add_option("--bytes", o.overlay.value_bytes, "Of each value")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str()
      ->group("Records");
}

std::string complaint_of(const CLI::App& app, const CLI::ParseError& e, const std::vector<std::string>& given) {
  const auto& c = innermost(app);
  const auto commands = commands_of(c);
  const auto unknown = app.remaining(true);
  for (const auto& word : given) {
    if (std::ranges::find(unknown, word) == unknown.end()) continue;
    if (word.starts_with("-"))
      return "there is no option " + word + "; the nearest is " + nearest(word.substr(0, word.find('=')), options_of(c));
    if (!commands.empty()) return "there is no command " + word + "; the nearest is " + nearest(word, commands);
    return word + ": one argument too many";
  }
  if (!commands.empty()) return "name a command: " + joined(commands);
  return e.what();
}

}  // namespace phyllo::load
