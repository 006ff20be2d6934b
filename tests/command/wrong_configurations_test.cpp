// What `supernode check` says of configurations that operators get wrong: which exit code, and whether the words name what to mend.
#include <doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/ip/tcp.hpp>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "process.hpp"

namespace wrong_configurations_test {

using namespace phyllo;

namespace {

constexpr const char* good =
    "[node]\naddress = \"127.77.1.1\"\nuser = \"node1@example.net\"\ndomains = [\"example.net\"]\ndata_directory = \"DIR/data\"\n"
    "password_file = \"DIR/password\"\n"
    "[ports]\nsip = 5060\nsips = 5061\n"
    "[limits]\nhalf_open = 4096\n"
    "[overlay]\nname = \"overlay.example.net\"\nleaf_set = 32\nreplicas = 5\nheartbeat_s = 30\nrecords_max = 1000000\n"
    "[bootstrap]\nurls = []\nanchors = []\n"
    "[discovery]\nmulticast = true\n"
    "[login]\nenabled = true\n"
    "[sip]\ncontacts_max = 10\n"
    "[tls]\ncertificate = \"\"\nkey = \"\"\n"
    "[admin]\naddress = \"127.0.0.1\"\ntoken_file = \"\"\n"
    "[log]\nlevel = \"info\"\nfile = \"\"\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

struct edit {
  const char* title;
  const char* from;  // empty: `to` is put at the end
  const char* to;
  const char* named;  // what the words must hold; DIR: the test's directory
};

constexpr edit edits[] = {
    // Types.
    {"a port as a string", "sip = 5060", "sip = \"5060\"", "ports.sip: expected a number from 0 to 65535, not \"5060\""},
    {"a boolean as a string", "multicast = true", "multicast = \"yes\"", "discovery.multicast: expected true or false, not \"yes\""},
    {"a list as a string", "domains = [\"example.net\"]", "domains = \"example.net\"",
     "node.domains: expected a list of strings in brackets, not \"example.net\""},
    {"a list with a number in it", "domains = [\"example.net\"]", "domains = [\"example.net\", 5]",
     "node.domains: expected a list of strings in brackets, not a list with 5 in it"},
    {"a negative number", "contacts_max = 10", "contacts_max = -1", "sip.contacts_max: expected a whole number, 0 or more, not -1"},
    {"a number beyond 64 bits", "contacts_max = 10", "contacts_max = 99999999999999999999999",
     "contacts_max = 99999999999999999999999: expected"},
    {"a number beyond sense", "records_max = 1000000", "records_max = 9223372036854775807",
     "overlay.records_max: expected a number from 1 to 1000000000, not 9223372036854775807"},
    {"a fraction for a whole number", "heartbeat_s = 30", "heartbeat_s = 30.5",
     "overlay.heartbeat_s: expected a number of seconds, not 30.5"},
    {"a port beyond 65535", "sips = 5061", "sips = 70000", "ports.sips: expected a number from 0 to 65535, not 70000"},
    // Names.
    {"a key misspelt", "leaf_set = 32", "leafset = 32", "overlay.leafset: unknown key; the nearest is overlay.leaf_set"},
    {"a section misspelt", "[limits]", "[limit]", "supernode.toml:10:2: [limit]: unknown section; the nearest is [limits]"},
    {"a key of another section", "contacts_max = 10", "leaf_set = 10", "sip.leaf_set: unknown key; the nearest is overlay.leaf_set"},
    {"a key twice", "sip = 5060", "sip = 5060\nsip = 5070", "the key 'sip' is there twice in its section; take one out"},
    {"a section twice", "", "[sip]\nenabled = false\n", "the section 'sip' is there twice; put its keys under one heading"},
    // The form.
    {"no closing quote", "level = \"info\"", "level = \"info", "level = \"info: expected KEY = VALUE, where VALUE is \"text\" in quotes"},
    {"an unquoted string", "level = \"info\"", "level = info", "level = info: expected KEY = VALUE, where VALUE is \"text\" in quotes"},
    // Values.
    {"no IP address", "127.77.1.1", "127.77.1.300", "node.address: expected an IP address, not \"127.77.1.300\""},
    {"a host name for an address", "127.77.1.1", "node1.example.net", "node.address: expected an IP address, not \"node1.example.net\""},
    {"no address that others dial", "127.77.1.1", "0.0.0.0", "node.advertised_address: expected the IP address that others dial"},
    {"one port twice", "sips = 5061", "sips = 5060", "ports.sips: expected a port of its own, not 5060 again"},
    {"an odd leaf set", "leaf_set = 32", "leaf_set = 31", "overlay.leaf_set: expected an even number, not 31"},
    {"more replicas than a leaf set holds", "leaf_set = 32\nreplicas = 5", "leaf_set = 4\nreplicas = 32",
     "overlay.replicas: expected at most 5, the root and its overlay.leaf_set, not 32"},
    {"a bootstrap server without TLS", "urls = []", "urls = [\"http://192.0.2.1/\"]",
     "bootstrap.urls: expected https URLs, not \"http://192.0.2.1/\""},
    {"no user", "node1@example.net", "", "node.user: expected the node's account, user@domain, not \"\""},
    {"a user without a domain", "node1@example.net", "node1", "node.user: expected the node's account, user@domain, not \"node1\""},
    {"a domain in upper case", "[\"example.net\"]", "[\"Example.NET\"]",
     "node.domains: expected domain names in lower case, not \"Example.NET\""},
    {"an unknown log level", "level = \"info\"", "level = \"verbose\"",
     "log.level: expected \"debug\" or \"info\" or \"warning\" or \"error\""},
    {"a certificate without its key", "certificate = \"\"", "certificate = \"DIR/web.pem\"",
     "tls.key: expected a PEM file: certificate and key go together"},
    {"an admin address that is none", "127.0.0.1", "localhost", "admin.address: expected an IP address, not \"localhost\""},
    // What is named is not there, or is something else.
    {"an anchor that is missing", "anchors = []", "anchors = [\"DIR/none.pem\"]",
     "bootstrap.anchors: DIR/none.pem: there is no such file; put it there, or name another"},
    {"an anchor that is none", "anchors = []", "anchors = [\"DIR/password\"]",
     "bootstrap.anchors: DIR/password: a trust anchor is no PEM certificate; name a PEM file that begins with -----BEGIN CERTIFICATE-----"},
    {"a directory for an anchor", "anchors = []", "anchors = [\"DIR\"]", "bootstrap.anchors: DIR: cannot be read: Is a directory"},
    {"an anchor that has ended", "anchors = []", "anchors = [\"DIR/expired.pem\"]", "bootstrap.anchors: DIR/expired.pem: it ended at "},
    {"a password file that is missing", "DIR/password", "DIR/none",
     "node.password_file: DIR/none: there is no such file; write the account's password into its first line"},
    {"a directory for a password file", "DIR/password", "DIR", "node.password_file: DIR: cannot be read: Is a directory"},
    {"a password file that is empty", "DIR/password", "DIR/empty",
     "node.password_file: DIR/empty: its first line is empty; write the account's password there"},
    {"a file for the data directory", "DIR/data", "DIR/password", "node.data_directory: DIR/password: is no directory"},
    {"a data directory under a file", "DIR/data", "DIR/password/x/y", "node.data_directory: DIR/password: is no directory; name another"},
    {"a data directory that others look into", "DIR/data", "DIR/open",
     "node.data_directory: DIR/open: other users may look into it (mode 0755)"},
    {"a log file where there is no directory", "info\"\nfile = \"\"", "info\"\nfile = \"DIR/none/x.log\"",
     "log.file: DIR/none/x.log: there is no such directory; make it"},
    {"a directory for a log file", "info\"\nfile = \"\"", "info\"\nfile = \"DIR\"", "log.file: DIR: is a directory; name a file"},
    {"a directory for the records", "heartbeat_s = 30", "heartbeat_s = 30\nrecords_file = \"DIR\"",
     "overlay.records_file: DIR: is a directory; name a file"},
    {"a key log where there is no directory", "", "[debug]\nkeylog = \"DIR/none/keys\"\n",
     "debug.keylog: DIR/none/keys: there is no such directory"},
    {"a directory for a capture", "", "[debug]\noverlay_pcap = \"DIR\"\n", "debug.overlay_pcap: DIR: is a directory; name a file"},
    {"an admin token that is missing", "token_file = \"\"", "token_file = \"DIR/none\"", "admin.token_file: DIR/none: no such file"},
    {"an admin token that is short", "token_file = \"\"", "token_file = \"DIR/password\"",
     "admin.token_file: DIR/password: expected a first line of 16"},
    {"an admin group that is none", "token_file = \"\"", "group = \"nobody-has-it\"",
     "admin.group: there is no group \"nobody-has-it\" on this machine; make it (groupadd nobody-has-it)"},
    {"a CA that is damaged", "[login]\n", "[login]\nca_directory = \"DIR/damaged\"\n",
     "login.ca_directory: DIR/damaged/ca.pem: it is damaged"},
    {"a CA with another's key", "[login]\n", "[login]\nca_directory = \"DIR/foreign\"\n",
     "login.ca_directory: DIR/foreign/ca.pem: its key is another's; restore it from a backup"},
    {"accounts that are none", "[login]\n", "[login]\ndatabase = \"DIR/junk.db\"\n", "login.database: account database: DIR/junk.db"},
    {"a file of bad nodes with something else in it", "heartbeat_s = 30", "heartbeat_s = 30\nbad_nodes_file = \"DIR/password\"",
     "overlay.bad_nodes_file: DIR/password:1: expected a Node-ID of 32 hex digits"},
    // Of this machine.
    {"an address of another machine", "127.77.1.1", "198.51.100.7", "node.address: 198.51.100.7 is no address of this machine"},
    {"a further address of another machine", "DIR/data\"", "DIR/data\"\nfurther_addresses = [\"198.51.100.8\"]",
     "node.further_addresses: 198.51.100.8 is no address of this machine"},
    {"an admin address of another machine", "127.0.0.1", "198.51.100.9", "admin.address: 198.51.100.9 is no address of this machine"},
};

struct fixture {
  testing::temporary_directory d;

  fixture() {
    const auto env = core::make_system_environment({});
    const auto now = env->wall_now();
    save("web", identity::make_web_certificate({"192.0.2.1"}, now, std::chrono::hours(24)));
    save("other", identity::make_web_certificate({"192.0.2.1"}, now, std::chrono::hours(24)));
    save("expired", identity::make_web_certificate({"192.0.2.1"}, now - std::chrono::hours(48), std::chrono::hours(24)));
    d.write("password", "secret\n");
    d.write("empty", "\n");
    d.write("junk.db", std::string(4096, 'x'));
    for (const char* made : {"open", "damaged", "foreign"}) std::filesystem::create_directory(d.file(made));
    REQUIRE(::chmod(d.file("open").c_str(), 0755) == 0);
    d.write("damaged/ca.pem", "-----BEGIN CERTIFICATE-----\n");
    const auto mine = identity::authority::create("overlay.example.net", now);
    const auto another = identity::authority::create("overlay.example.net", now);
    d.write("foreign/ca.pem", mine.certificate_pem() + another.key_pem());
  }

  void save(const std::string& name, const identity::web_identity& made) const {
    d.write(name + ".pem", made.certificate_pem);
    d.write(name + ".key", made.key_pem);
  }

  [[nodiscard]] testing::finished check(const std::string& text, std::vector<std::string> more = {}) const {
    const auto file = d.write("supernode.toml", replaced(text, "DIR", d.path()));
    more.insert(more.begin(), {"check", "--config", file});
    return testing::run_supernode(d, std::move(more));
  }

  void must_name(const testing::finished& r, const std::string& named) const {
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK_MESSAGE(r.err.find(replaced(named, "DIR", d.path())) != std::string::npos, r.err);
  }
};

std::string edited(const std::string& from, const std::string& to) {
  REQUIRE(std::string(good).find(from) != std::string::npos);
  return from.empty() ? good + to : replaced(good, from, to);
}

std::string with_web(const std::string& certificate, const std::string& key) {
  return replaced(replaced(good, "certificate = \"\"", "certificate = \"" + certificate + "\""), "\nkey = \"\"", "\nkey = \"" + key + "\"");
}

}  // namespace

TEST_CASE("a good configuration is ok, also with a mark of byte order and lines that end as in Windows") {
  const fixture f;
  CHECK(f.check(good).exit_code == 0);
  CHECK(f.check(with_web("DIR/web.pem", "DIR/web.key")).exit_code == 0);
  CHECK(f.check("\xef\xbb\xbf" + replaced(good, "\n", "\r\n")).exit_code == 0);
  CHECK(f.check(good).err.find("warning: ") != std::string::npos);  // the account of the node is not made yet
  CHECK_MESSAGE(!std::filesystem::exists(f.d.file("data")), "checking makes nothing");
}

TEST_CASE("a wrong configuration ends with 2, and what is wrong is named") {
  const fixture f;
  for (const auto& e : edits) {
    const std::string title = e.title;
    CAPTURE(title);
    f.must_name(f.check(edited(e.from, e.to)), e.named);
  }
}

TEST_CASE("two overlays of one name are named, at the place of the second") {
  const fixture f;
  const auto second =
      "[[overlay]]\nname = \"overlay.example.net\"\nport = 6085\nurls = [\"https://192.0.2.9/\"]\nuser = \"x@example.net\"\n";
  f.must_name(f.check(replaced(good, "[overlay]", "[[overlay]]") + second), "overlay.name: expected a name of its own");
}

TEST_CASE("a web certificate that could not serve is named with its file") {
  const fixture f;
  f.must_name(f.check(with_web("DIR/none.pem", "DIR/none.key")), "tls.certificate: DIR/none.pem: there is no such file");
  f.must_name(f.check(with_web("DIR/web.pem", "DIR/none.key")), "tls.key: DIR/none.key: there is no such file");
  f.must_name(f.check(with_web("DIR/web.pem", "DIR/other.key")), "tls.certificate: DIR/web.pem: ");
  f.must_name(f.check(with_web("DIR/expired.pem", "DIR/expired.key")), "tls.certificate: DIR/expired.pem: it ended at ");
  f.must_name(f.check(with_web("DIR", "DIR")), "tls.certificate: DIR: cannot be read: Is a directory");
  f.must_name(f.check(with_web("DIR/password", "DIR/web.key")), "tls.certificate: DIR/password: ");
}

TEST_CASE("all that is wrong is told at once, in the order of the file, and what is missing last") {
  const fixture f;
  auto text = replaced(good, "leaf_set = 32", "leafset = 32");
  text = replaced(text, "sips = 5061", "sips = 5060");
  text = replaced(text, "user = \"node1@example.net\"\n", "");
  text = replaced(text, "level = \"info\"", "level = \"loud\"");
  const auto r = f.check(text);
  f.must_name(r, "node.user: expected the node's account, user@domain, not \"\" (the key is not set)");
  std::size_t before = 0;
  for (const char* key : {"ports.sips: ", "overlay.leafset: ", "log.level: ", "node.user: "}) {
    const auto at = r.err.find(key);
    CHECK_MESSAGE(at != std::string::npos, key);
    CHECK(at >= before);
    before = at;
  }
  CHECK(std::ranges::count(r.err, '\n') == 4);
}

TEST_CASE("all that is wrong with the files and addresses of a good text is told at once, too") {
  const fixture f;
  auto text = with_web("DIR/expired.pem", "DIR/expired.key");
  text = replaced(text, "DIR/password", "DIR/none");
  text = replaced(text, "127.77.1.1", "198.51.100.7");
  text = replaced(text, "info\"\nfile = \"\"", "info\"\nfile = \"DIR/none/x.log\"");
  const auto r = f.check(text);
  for (const char* key : {"tls.certificate: ", "node.password_file: ", "node.address: ", "log.file: "}) f.must_name(r, key);
  const auto as_json = nlohmann::json::parse(f.check(text, {"--json"}).out);
  CHECK(as_json["ok"] == false);
  CHECK(as_json["errors"].size() == 4);
}

TEST_CASE("run refuses what check refuses, in the same words, and serves with a certificate that has expired, saying so") {
  const fixture f;
  const auto file = f.d.write("supernode.toml", replaced(replaced(good, "DIR/password", "DIR/none"), "DIR", f.d.path()));
  const auto refused = testing::run_supernode(f.d, {"run", "--config", file, "--set", "node.address=198.51.100.7"});
  f.must_name(refused, "node.password_file: DIR/none: there is no such file");
  f.must_name(refused, "node.address: 198.51.100.7 is no address of this machine");
  f.d.write("supernode.toml", replaced(with_web("DIR/expired.pem", "DIR/expired.key"), "DIR", f.d.path()));
  testing::process node(f.d, {"run", "--config", file});
  std::string said;
  for (int i = 0; i < 200 && said.find("it ended at") == std::string::npos; ++i) {
    ::usleep(50'000);
    said = testing::content_of(node.error_file());
  }
  CHECK_MESSAGE(said.find("error node: tls.certificate: " + f.d.file("expired.pem") + ": it ended at ") != std::string::npos, said);
  node.signal(SIGTERM);
  CHECK(node.wait().exit_code == 0);
}

TEST_CASE("a certificate that ends soon, is for other names, or whose key everybody reads is warned of") {
  const fixture f;
  const auto warned = [&](const testing::finished& r, const std::string& words) {
    CHECK(r.exit_code == 0);
    CHECK_MESSAGE(r.err.find("warning: " + f.d.file("supernode.toml") + ": " + replaced(words, "DIR", f.d.path())) != std::string::npos,
                  r.err);
  };
  warned(f.check(with_web("DIR/web.pem", "DIR/web.key")), "tls.certificate: DIR/web.pem: it ends at ");
  const auto env = core::make_system_environment({});
  f.save("stranger", identity::make_web_certificate({"www.example.org"}, env->wall_now(), std::chrono::hours(24 * 90)));
  REQUIRE(::chmod(f.d.file("stranger.key").c_str(), 0644) == 0);
  const auto r = f.check(with_web("DIR/stranger.pem", "DIR/stranger.key"));
  warned(r, "tls.certificate: DIR/stranger.pem: it is for www.example.org, and none of 127.77.1.1, example.net is among them");
  warned(f.check(replaced(good, "127.0.0.1", "0.0.0.0")), "admin.address: 0.0.0.0: whoever reaches it may read status and metrics");
  warned(r, "tls.key: DIR/stranger.key: every user of this machine can read it");
}

TEST_CASE("what an earlier start left in the data directory is looked at as a start would") {
  const fixture f;
  const auto env = core::make_system_environment({});
  const auto now = env->wall_now();
  std::filesystem::create_directory(f.d.file("data"));
  REQUIRE(::chmod(f.d.file("data").c_str(), 0700) == 0);
  const auto ca = identity::authority::create("overlay.example.net", now);
  const auto own = [&](const std::string& user, const std::string& overlay, core::wall_time until) {
    const auto key = identity::private_key::generate();
    const auto made = ca.issue(
        {*identity::node_id::from_hex(std::string(32, '7')), user, overlay, {}, now - std::chrono::hours(72), until, true}, key.native());
    f.d.write("data/node.pem", made.value().pem() + key.pem());
    return f.check(good).err;
  };
  const auto later = now + std::chrono::hours(72);
  CHECK(own("node1@example.net", "overlay.example.net", later).find("node.domains: example.net: its certificate gives no authority") !=
        std::string::npos);
  CHECK(own("eve@example.net", "overlay.example.net", later).find("it is of eve@example.net, not node1@example.net") != std::string::npos);
  CHECK(own("node1@example.net", "other.example.net", later).find("it is of overlay other.example.net") != std::string::npos);
  CHECK(own("node1@example.net", "overlay.example.net", now - std::chrono::hours(1)).find("it ended at ") != std::string::npos);
  f.d.write("data/node.pem", "torn");
  CHECK(f.check(good).err.find("data/node.pem: it is damaged") != std::string::npos);
  f.d.write("data/web-certificate.pem", "torn");
  f.d.write("data/web-key.pem", "torn");
  f.must_name(f.check(good), "web-certificate.pem: the web certificate's chain holds no PEM certificate; remove it with web-key.pem");
}

TEST_CASE("a port at which another program listens is named, by TCP and UDP") {
  const fixture f;
  const int other = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const asio::ip::tcp::endpoint at(asio::ip::make_address("127.77.1.1"), 5060);
  REQUIRE(::bind(other, at.data(), static_cast<socklen_t>(at.size())) == 0);
  f.must_name(f.check(good), "ports.sip: UDP 5060 of 127.77.1.1: another program listens there");
  ::close(other);
  CHECK(f.check(good).exit_code == 0);
}

TEST_CASE("a configuration file that is none is named, whatever stands in its place") {
  const fixture f;
  const auto check = [&](const std::string& file) { return testing::run_supernode(f.d, {"check", "--config", file}); };
  f.must_name(check("DIR/none.toml"), "none.toml: cannot be read: there is no such file; name the file with --config FILE");
  f.must_name(check(f.d.path()), "DIR: cannot be read: Is a directory");
  f.must_name(check(f.d.file("password/x")), "DIR/password/x: cannot be read: Not a directory");
  f.must_name(check(f.d.write("junk", "\xff\xfe\x01\x02 junk")), "DIR/junk:1:1");
  f.must_name(check(f.d.write("huge", std::string(3'000'000, '#'))), "DIR/huge: larger than");
  f.must_name(check(f.d.write("nothing", "")), "nothing:1:1: node.advertised_address");
  f.must_name(check(f.d.file("nothing")), "nothing:1:1: overlay.name: expected the overlay's name");
  f.must_name(check(f.d.write("deep", "a = " + std::string(100'000, '['))), "DIR/deep:1");
}

TEST_CASE("what is wrong on the command line is named") {
  const fixture f;
  f.must_name(f.check(good, {"--set", "sip.leafset=3"}), "--set sip.leafset=3: sip.leafset: unknown key; the nearest is overlay.leaf_set");
  f.must_name(f.check(good, {"--set", "sip.enabled"}), "--set sip.enabled: expected KEY=VALUE");
  f.must_name(f.check(good, {"--set", "ports.sip=abc"}), "--set ports.sip=abc: ports.sip: expected a number");
  f.must_name(testing::run_supernode(f.d, {"check", "--confg", "x"}),
              "there is no option --confg; the nearest is --config; see supernode check --help");
  f.must_name(testing::run_supernode(f.d, {"statsu"}), "there is no command statsu; the nearest is status");
  f.must_name(testing::run_supernode(f.d, {"user", "ad"}), "there is no command ad; the nearest is add; see supernode user --help");
  f.must_name(testing::run_supernode(f.d, {"user", "add", "--authorty", "x"}), "the nearest is --authority; see supernode user add --help");
  f.must_name(testing::run_supernode(f.d, {"check", "here"}), "here: one argument too many");
  f.must_name(testing::run_supernode(f.d, {}), "name a command: run, check, status");
}

TEST_CASE("text that is no UTF-8 is refused, or shown, and ends no command") {
  const fixture f;
  const auto config = f.d.write("supernode.toml", replaced(good, "DIR", f.d.path()));
  const std::string bad = "\xff@example.net";
  for (const bool as_json : {false, true}) {
    std::vector<std::string> arguments{"overlay", "get", bad, "--config", config};
    if (as_json) arguments.emplace_back("--json");
    CHECK(testing::run_supernode(f.d, arguments).exit_code == 2);
    arguments = {"user", "remove", bad, "--config", config};
    if (as_json) arguments.emplace_back("--json");
    CHECK(testing::run_supernode(f.d, arguments).exit_code == 1);
    arguments = {"check", "--config", f.d.file(bad)};
    if (as_json) arguments.emplace_back("--json");
    CHECK(testing::run_supernode(f.d, arguments).exit_code == 2);
  }
}

TEST_CASE("a directory in place of a file of accounts or operations is an error, and nothing is said to be imported") {
  const fixture f;
  const auto config = f.d.write("supernode.toml", replaced(good, "DIR", f.d.path()));
  const auto imported = testing::run_supernode(f.d, {"user", "import", f.d.path(), "--config", config});
  f.must_name(imported, "DIR: ");
  CHECK(imported.err.find("accounts imported") == std::string::npos);
  const auto batch = testing::run_supernode(f.d, {"overlay", "get", "--batch", f.d.path(), "--config", config});
  CHECK(batch.exit_code == 2);
  CHECK_MESSAGE(batch.err.find(f.d.path() + ": ") != std::string::npos, batch.err);
}

}  // namespace wrong_configurations_test
