// What `supernode check` says of configurations that operators get wrong: which exit code, and whether the words name what to mend.
#include <doctest.h>

#include <fstream>
#include <functional>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "process.hpp"

namespace wrong_configurations_test {

using namespace phyllo;

namespace {

constexpr const char* good =
    "[node]\naddress = \"192.0.2.1\"\nuser = \"node1@example.net\"\ndomains = [\"example.net\"]\ndata_directory = \"DIR/data\"\n"
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

// Of the text alone.
constexpr edit edits[] = {
    {"a port as a string", "sip = 5060", "sip = \"5060\"", "ports.sip: expected a number from 0 to 65535"},
    {"a boolean as a string", "multicast = true", "multicast = \"yes\"", "discovery.multicast: expected true or false"},
    {"a list as a string", "domains = [\"example.net\"]", "domains = \"example.net\"", "node.domains: expected a list"},
    {"a list with a number in it", "domains = [\"example.net\"]", "domains = [\"example.net\", 5]", "node.domains: expected a list"},
    {"a key misspelt", "leaf_set = 32", "leafset = 32", "overlay.leafset: unknown key; the nearest is overlay.leaf_set"},
    {"a section misspelt", "[limits]", "[limit]", "limit"},
    {"a key twice", "sip = 5060", "sip = 5060\nsip = 5070", "'sip'"},
    {"a section twice", "", "[sip]\nenabled = false\n", "'sip'"},
    {"no closing quote", "level = \"info\"", "level = \"info", "supernode.toml:"},
    {"an unquoted string", "level = \"info\"", "level = info", "supernode.toml:"},
    {"no IP address", "192.0.2.1", "192.0.2.300", "node.address: expected an IP address, not \"192.0.2.300\""},
    {"a host name for an address", "192.0.2.1", "node1.example.net", "node.address: expected an IP address"},
    {"no address that others dial", "192.0.2.1", "0.0.0.0", "node.advertised_address"},
    {"a negative number", "contacts_max = 10", "contacts_max = -1", "sip.contacts_max: expected a whole number"},
    {"a number beyond 64 bits", "contacts_max = 10", "contacts_max = 99999999999999999999999", "supernode.toml:"},
    {"a number beyond sense", "records_max = 1000000", "records_max = 9223372036854775807", "overlay.records_max"},
    {"a fraction for a whole number", "heartbeat_s = 30", "heartbeat_s = 30.5", "overlay.heartbeat_s: expected a number of seconds"},
    {"a port beyond 65535", "sips = 5061", "sips = 70000", "ports.sips"},
    {"one port twice", "sips = 5061", "sips = 5060", "ports.sips: expected a port of its own"},
    {"an odd leaf set", "leaf_set = 32", "leaf_set = 31", "overlay.leaf_set: expected an even number"},
    {"more replicas than a leaf set holds", "leaf_set = 32\nreplicas = 5", "leaf_set = 4\nreplicas = 32",
     "overlay.replicas: expected at most 5"},
    {"a bootstrap server without TLS", "urls = []", "urls = [\"http://192.0.2.1/\"]", "bootstrap.urls: expected https URLs"},
    {"no user", "node1@example.net", "", "node.user: expected the node's account"},
    {"a user without a domain", "node1@example.net", "node1", "node.user: expected the node's account, user@domain, not \"node1\""},
    {"a domain in upper case", "[\"example.net\"]", "[\"Example.NET\"]", "node.domains: expected domain names in lower case"},
    {"an unknown log level", "level = \"info\"", "level = \"verbose\"", "log.level: expected \"debug\" or"},
    {"a certificate without its key", "certificate = \"\"", "certificate = \"DIR/web.pem\"", "tls.key: expected a PEM file"},
    {"an anchor that is missing", "anchors = []", "anchors = [\"DIR/none.pem\"]", "bootstrap.anchors: DIR/none.pem: there is no such file"},
    {"an anchor that is none", "anchors = []", "anchors = [\"DIR/password\"]", "bootstrap.anchors: DIR/password: "},
    {"a directory for an anchor", "anchors = []", "anchors = [\"DIR\"]", "bootstrap.anchors: DIR: cannot be read: Is a directory"},
    {"a password file that is missing", "DIR/password", "DIR/none", "node.password_file: DIR/none: there is no such file"},
    {"a directory for a password file", "DIR/password", "DIR", "node.password_file: DIR: cannot be read: Is a directory"},
    {"a password file that is empty", "DIR/password", "DIR/empty", "node.password_file: DIR/empty: its first line is empty"},
    {"a file for the data directory", "DIR/data", "DIR/password", "node.data_directory: DIR/password: is no directory"},
    {"a data directory under a file", "DIR/data", "DIR/password/x/y", "node.data_directory: DIR/password: is no directory"},
    {"a log file where there is no directory", "info\"\nfile = \"\"", "info\"\nfile = \"DIR/none/x.log\"",
     "log.file: DIR/none/x.log: there is no such directory"},
    {"a directory for a log file", "info\"\nfile = \"\"", "info\"\nfile = \"DIR\"", "log.file: DIR: is a directory"},
    {"an admin token that is missing", "token_file = \"\"", "token_file = \"DIR/none\"", "admin.token_file: DIR/none: no such file"},
    {"an admin token that is short", "token_file = \"\"", "token_file = \"DIR/password\"",
     "admin.token_file: DIR/password: expected a first line of 16"},
    {"an admin address that is none", "127.0.0.1", "localhost", "admin.address: expected an IP address"},
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

TEST_CASE("a configuration file that is none is named, whatever stands in its place") {
  const fixture f;
  const auto check = [&](const std::string& file) { return testing::run_supernode(f.d, {"check", "--config", file}); };
  f.must_name(check("DIR/none.toml"), "none.toml: cannot be read: there is no such file; name the file with --config FILE");
  f.must_name(check(f.d.path()), "DIR: cannot be read: Is a directory");
  f.must_name(check(f.d.file("password/x")), "DIR/password/x: cannot be read: Not a directory");
  f.must_name(check(f.d.write("junk", "\xff\xfe\x01\x02 junk")), "DIR/junk:1:1");
  f.must_name(check(f.d.write("huge", std::string(3'000'000, '#'))), "DIR/huge: larger than");
  f.must_name(check(f.d.write("nothing", "")), "nothing:1:1: node.advertised_address");
  f.must_name(check(f.d.write("deep", "a = " + std::string(100'000, '['))), "DIR/deep:1");
}

TEST_CASE("what is wrong on the command line is named") {
  const fixture f;
  f.must_name(f.check(good, {"--set", "sip.leafset=3"}), "--set sip.leafset=3: sip.leafset: unknown key");
  f.must_name(f.check(good, {"--set", "sip.enabled"}), "--set sip.enabled: expected KEY=VALUE");
  f.must_name(f.check(good, {"--set", "ports.sip=abc"}), "--set ports.sip=abc: ports.sip: expected a number");
  f.must_name(testing::run_supernode(f.d, {"check", "--confg", "x"}), "--confg");
  f.must_name(testing::run_supernode(f.d, {"statsu"}), "statsu");
  f.must_name(testing::run_supernode(f.d, {}), "subcommand is required");
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
