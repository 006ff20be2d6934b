"""Where the sources have what the specifications' tables of constants say: by document and row, places in the order in which the row tells them."""

from __future__ import annotations

import ast
import operator
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# "src/overlay/x.cpp:name", the directory left out where it is the document's own.
CONSTANTS: dict[str, dict[str, str]] = {
    "src/overlay/pastry.md": {
        "a step of a join; a link to who was named; hops of ROWS": "pastry_joiner.cpp:step_timeout pastry_joiner.cpp:link_step_timeout pastry_join.hpp:hops_max",
        "asked again: after Error_In_Progress or flag 04, times of the former": "pastry_joiner.cpp:backoff_min pastry_joiner.cpp:backoff_max pastry_join.hpp:refusals_max",
        "joiners remembered; in the queue, for": "joiner_grant.hpp:remembered_max joiner_grant.hpp:waiting_max joiner_grant.hpp:patience",
        "members believed after a start; one that is not admitted is asked about": "leaf_set_admission.cpp:members_believed leaf_set_admission.cpp:vouched_every",
        "held messages; for": "held_messages.hpp:held_max held_messages.hpp:held_for",
        "kept copies": "forward_buffer.hpp:messages_max",
        "Ping through two; fresh enough to doubt a word, to refill L; a refuted word": "pastry_failures.cpp:indirect_timeout peer_failures.hpp:rumour_after leaf_set_repair.cpp:heard_lately failure_rumours.hpp:refuted_for",
        "one that answers around: its RTO; believed for, and for rounds": "peer_failures.hpp:around_rto peer_failures.hpp:around_for peer_failures.hpp:unanswered_rounds_max",
        "one that others name: asked through them after; every": "peer_failures.hpp:agreed_after pastry_failures.cpp:through_every",
        "lost nodes are kept for": "lost_nodes.hpp:lost_for",
        "probes without an answer until deaf; a deaf one is asked every": "deaf_members.hpp:unanswered_max deaf_members.hpp:asked_every",
        "heartbeat's grace": "neighbour_watch.hpp:silence_grace",
        "probes of R: least; most": "ring_estimates.cpp:period_min ring_estimates.cpp:period_max",
        "rows are compared after; times; then every": "pastry_upkeep.cpp:first_comparison pastry_upkeep.cpp:comparisons_max pastry_upkeep.cpp:rows_every",
        "a place of a lost node is tried every; after a parting; one given at the start": "pastry_seeker.cpp:seek_every pastry_seeker.cpp:seek_parted_every pastry_seeker.cpp:seek_far_every",
        "dialling a node directly; then Attach; of a named one that L would take": "link_maker.cpp:direct_timeout link_maker.hpp:dial_timeout pastry_views.cpp:meeting_timeout",
        "no second link beside one that brought something within": "link_maker.cpp:fresh_for",
        "the worse of two links ends after": "link_table.hpp:excess_after",
        "unneeded links end after; with `replica_choice`; one that the other end needs is asked after": "pastry_links.cpp:idle_timeout "
        "pastry_links.cpp:idle_timeout_of_choice pastry_links.cpp:silence_max",
        "dials at once; of nodes that are named": "link_attempts.hpp:dials_max named_nodes.hpp:meetings_max",
        "failed nodes named in one LeafSetState": "failed_nodes.hpp:named_max",
        "clocks: tolerance; remembered; judgement lacking": "clock_watch.hpp:tolerance clock_watch.hpp:remembered clock_watch.hpp:unjudged_for",
        "of a client: tick; probe; Attach; greeting; addresses; peers known": "client_attachment.cpp:client_tick client_attachment.cpp:client_heartbeat client_attachment.cpp:attach_timeout "
        "client_attachment.cpp:greet_timeout client_attachment.cpp:places_max client_attachment.hpp:known_peers_max",
        "of a client: first pause; longest; spread; of few": "client_attachment.cpp:pause_first client_attachment.cpp:pause_longest client_attachment.cpp:spread client_attachment.cpp:spread_of_few",
        "clients that a peer has; attachments of a client": "include/overlay/phyllo/overlay/peer.hpp:clients_max include/overlay/phyllo/overlay/peer.hpp:attachments",
        "document: piece; awaited; asked again, and pushed again, after": "held_document.cpp:piece_bytes_max document_exchange.cpp:push_awaited "
        "held_document.hpp:pushed_again_after",
        "revocations: told at once; piece; change told along; leaves asked; compared every": "revocation_spreading.cpp:told_at_once revocation_exchange.cpp:gift_bytes_max "
        "revocation_exchange.cpp:announced_bytes_max revocation_exchange.cpp:leaves_asked revocation_spreading.cpp:compare_every",
        "candidates of an Attach; extensions of one": "attach_message.hpp:candidates_max attach_message.cpp:ice_extensions_max",
    },
    "src/overlay/storage.md": {
        "pause of a write: first; longest": "write_replication.cpp:first_write_pause write_replication.cpp:longest_write_pause",
        "pause of a read: first; longest": "record_reader.cpp:first_read_pause record_reader.cpp:longest_read_pause",
        "others are asked for a slow answer after; a round of a read": "record_reader.cpp:look_every record_reader.cpp:round_max",
        "a lagging replica is pushed to: first; at most every": "late_replicas.hpp:first_repair late_replicas.hpp:longest_repair",
        "storage time ahead, at a root": "storage_times.hpp:ahead_max_ms",
        "storage time ahead, of a copy": "value_judge.cpp:ahead_of_replica_max_ms",
        "an entrant compares every; a partner that disagrees is waited for": "replica_sync.cpp:tick_busy disagreements.hpp:partition_after",
        "keys asked for at once; in one list; certificates in one": "sync_exchange.cpp:keys_of_one_request sync_message.cpp:keys_max sync_message.cpp:signers_max",
        "a Sync request waits for its answer": "sync_exchange.cpp:request_max",
        "displaced copies are compared after; kept; looked for every": "storage_node.cpp:offer_after storage_node.cpp:offer_before storage.hpp:keep_displaced storage.hpp:sweep_every",
        "hold of a watch; grace; asked again at most every": "record_client_watch.cpp:hold record_client_watch.cpp:grace record_client_watch.cpp:poll_every",
        "values of a user; of a domain": "replica_store.hpp:values_per_owner_max replica_store.hpp:values_per_domain_max",
        "values of a node; octets": "include/overlay/phyllo/overlay/peer_settings.hpp:records_max include/overlay/phyllo/overlay/peer_settings.hpp:record_bytes_max",
        "written to disk every; tried again after": "storage.hpp:save_every record_saving.cpp:retry_after",
        "octets of a frame of the file": "record_log.hpp:frame_max",
    },
    "src/overlay/reload.md": {
        "timers after the fifth send of a request": "request_table.cpp:last_wait",
        "sent again after a wrong root; after an error of configuration": "request_table.cpp:root_retry requester.cpp:configuration_retry",
        "a repeated request gets the same answer for; answers kept; octets of them": "answer_cache.hpp:lifetime answer_cache.hpp:entries_max answer_cache.hpp:bytes_max",
        "messages that a link may bring in a second; at once": "link_table.hpp:messages_per_second link_table.hpp:messages_burst",
        "requests to storage that a node works on at once": "storage_component.hpp:serving_max",
        "octets that an answer leaves to lists": "responder.cpp:room_for_lists",
        "values of a Kind in a StoreReq; of an answer to a Fetch": "store_message.cpp:values_max fetch_message.cpp:values_max",
        "gaps of an array that an answer fills": "fetch_message.hpp:gaps_max",
        "private Kinds by ConfigUpdate; octets of a block": "learnt_kinds.cpp:learnt_max learnt_kinds.cpp:block_bytes_max",
        "certificates kept; messages that wait for one; nodes whose are looked for at once, for": "certificate_store.hpp:entries_max unverified_messages.hpp:strangers_max "
        "certificate_lookups.cpp:looking_up_max certificate_lookups.cpp:look_up_timeout",
        "AppAttach that a node works on at once": "peer_applications.cpp:app_attaches_max",
        "octets of a certificate that is stored": "kind.cpp:certificate_size_max",
        "branching of ReDiR's tree; its greatest level": "redir_provider.hpp:redir_branching redir_provider.hpp:redir_level_max",
        "destinations of a SipRegistration; of a RedirServiceProvider": "sip_registration.cpp:registration_route_max redir_provider.cpp:route_max",
        "Kinds of a ConfigUpdate; that are sent in one": "config_update_message.cpp:kinds_max learnt_kinds.cpp:blocks_of_a_message",
    },
    "src/overlay/record.md": {
        "octets of a document": "record_xml.cpp:xml_max",
        "locations; transports and Path URIs of one": "record_xml.cpp:locations_max record_xml.cpp:transports_max record_xml.cpp:path_max",
        "octets of a type; of a subject": "name.cpp:type_max name.cpp:subject_max",
        "lifetime of a `proxy location`": "proxy_location.cpp:location_lifetime",
        "lifetime of a `credential`": "credential_publisher.cpp:lifetime",
        "lifetime of `health`; put and got every": "src/node/assembly/health_probe.cpp:probe_lifetime src/node/assembly/health_probe.cpp:interval",
    },
    "src/transport/links.md": {
        "rungs of a host, and hosts, begin after each other": "ladder.hpp:stagger",
        "candidates that are dialled": "ladder.hpp:candidates_max",
        "further rungs wait for one that has answered": "carrier_race.hpp:patience",
        "worse rungs that have won until one is remembered; networks remembered": "include/transport/phyllo/transport/ladder.hpp:doubts_max include/transport/phyllo/transport/ladder.hpp:networks_max",
        "head of an Upgrade or of an answer to CONNECT": "http_tunnel.hpp:tunnel_head_bytes_max",
        "climbing: first after; at most": "include/transport/phyllo/transport/ladder.hpp:climb_first include/transport/phyllo/transport/ladder.hpp:climb_most",
        "silence before a link falls; a new carrier is dialled for; the exchange takes": "silence_watch.hpp:silence_max link_mover.cpp:dial_time link_mover.cpp:exchange_time",
        "a move is asked again after; awaited; carriers that wait": "move_exchange.cpp:first_wait move_acceptor.hpp:patience move_acceptor.hpp:waiting_max",
        "laid aside while a link is frozen": "move_hold.hpp:bytes_max",
        "sequence numbers that `seen` tells of": "frame.hpp:window",
        "REACH: asked again after; in all; ClientHellos without it": "reach_exchange.cpp:rto_initial dialler.cpp:reach_patience dialler.cpp:unanswered_flights",
        "REACH: key; proofs": "reachability.hpp:key_lifetime reachability.hpp:proofs_max",
        "first retransmission of a flight of DTLS": "tls_engine.cpp:dtls_initial_timeout_ms",
        "first window; least; frames that pass a lost one": "frame_sender.hpp:window_initial frame_sender.cpp:window_min frame_sender.cpp:passes_for_loss",
        "first retransmission of a frame at least after; in silence, and otherwise, at most": "frame_sender.hpp:retransmission_min frame_sender.hpp:transmissions_max "
        "frame_sender.hpp:transmissions_alive_max",
        "an ACK by TLS is awaited": "frame_sender.hpp:stream_patience",
        "longest message of a link": "frame.hpp:max_message",
        "doubled messages are known for": "frame_receiver.hpp:duplicate_memory",
        "octets of lists in a fragment": "fragmentation.hpp:lists_max",
        "fragments of a host's links": "fragmentation.hpp:bytes_max",
        "octets of a TCP segment": "socket_tools.cpp:segment_bytes_max",
        "a target is owed at once; a second": "dial_guard.hpp:burst dial_guard.hpp:per_second",
        "handshakes of DTLS under way; half-open connections": "dtls_link_server.hpp:handshakes_max include/transport/phyllo/transport/host_settings.hpp:half_open_max",
        "links of one Node-ID": "link_registry.hpp:links_of_node_max",
    },
    "src/enrollment/enrollment.md": {
        "octets of a form; its fields": "form.hpp:form_bytes_max form.hpp:form_fields_max",
        "octets of a password; characters of `csr`; of `device`": "enrollment_request.cpp:password_bytes_max enrollment_request.cpp:csr_characters_max "
        "enrollment_request.cpp:device_characters_max",
        "octets of a certificate request in DER": "src/identity/certificate_request.cpp:request_bytes_max",
        "a request by certificate: its age, either way; octets of `payload`": "certified_request.cpp:age_max_ms certified_request.cpp:payload_bytes_max",
        "a list of supernodes: its age, either way; octets; kept; made anew after": "supernode_list.cpp:age_max_ms supernode_list.cpp:bytes_max src/node/assembly/bootstrap_pages.cpp:list_lasts",
        "attempts of an account at once; one more every": "login_guard.hpp:strangers_burst login_guard.hpp:strangers_interval",
        "failures in a row of a proven network; a failure counts for; networks of a region": "login_guard.hpp:proven_failures_max login_guard.hpp:failure_remembered "
        "login_guard.hpp:failed_networks_max",
        "networks, accounts and proofs remembered": "login_guard.hpp:remembered_max",
        "those that wait for the password; of a network, in a lane; lanes let go before": "login_queue.hpp:waiting_max login_queue.hpp:of_one_prefix_max login_queue.hpp:patience",
        "the turn comes within; a refusal after": "password_gate.cpp:turn_within password_gate.cpp:refused_after",
        "a Node-ID is kept after its last certificate for": "node_table.cpp:remembered",
        "generations of a domain; announced before they are used; asked for at most every": "include/identity/phyllo/identity/domain_keyring.hpp:generations_max "
        "include/enrollment/phyllo/enrollment/domain_keys.hpp:announced_for include/enrollment/phyllo/enrollment/domain_keys.hpp:asked_for_every",
        "lists of revocations are signed at most every; documents": "authority_duties.cpp:sign_at_most_every authority_duties.cpp:publish_at_most_every",
        "octets of a phone's secret; of a password's salt": "prepared_account.cpp:sip_secret_bytes password.hpp:salt_bytes",
        "a certificate is looked at every; asked for anew after; at most every; by a refused one": "src/node/assembly/certificate_keeper.cpp:look_every "
        "src/node/assembly/certificate_keeper.cpp:first_pause src/node/assembly/certificate_keeper.cpp:longest_pause src/node/assembly/certificate_keeper.cpp:refusals_apart",
    },
    "src/identity/identity.md": {
        "bits of an RSA key": "signature_algorithm.cpp:rsa_bits_min signature_algorithm.cpp:rsa_bits_max",
        "octets of a certificate": "certificate.cpp:certificate_bytes_max",
        "characters of a user's local part; of a domain; of its labels": "names.cpp:local_part_characters_max names.cpp:domain_characters_max names.cpp:label_characters_max",
        "domains of a certificate, characters of all, where we issue": "include/identity/phyllo/identity/certificate.hpp:authority_domains_max "
        "include/identity/phyllo/identity/certificate.hpp:authority_characters_max",
        "octets of a document; levels of it": "xml_reading.hpp:document_bytes_max xml_reading.hpp:nesting_max",
        "signatures of a document that are tried; certificates of a block": "signed_element.cpp:signatures_max security_block.cpp:certificates_max",
        "entries of a revocation list; bits of the number of leaves": "include/identity/phyllo/identity/revocation.hpp:revocations_max include/identity/phyllo/identity/revocation.hpp:revocation_bits_max",
        "entries of a leaf": "revocation_list.cpp:leaf_entries_max",
        "entries of a leaf on the average: twice as many leaves above; half below": "revocation_list.cpp:leaf_entries_usual revocation_list.cpp:leaf_entries_few",
        "changes of the list that are remembered": "revocation_list.cpp:recent_max",
    },
    "src/sip/sip.md": {
        "octets of a header, lines of it; octets of a message": "pre_scan.hpp:header_bytes_max pre_scan.hpp:header_lines_max pre_scan.hpp:bytes_max",
        "values of Via, Route, Record-Route, Path or Contact": "pre_scan.hpp:values_max",
        "URIs of this node that are taken off; tokens of a dialog after each other": "record_route.cpp:own_routes_max dialog_leads.cpp:tokens_max",
        "characters of a token": "sealed_token.hpp:text_max",
        "a dialog's token ends after": "branch_requests.cpp:day=s",
        "connections of phyllo-sip with one node; a stream is idle for": "node_connections.hpp:of_one_node_max transport_layer.hpp:idle_timeout",
        "what was asked is answered after the phone's end for": "stream_reader.cpp:patience",
        "a node's silence; the OPTIONS'; it is dead for": "way_memory.hpp:patience way_memory.hpp:answer_time way_memory.hpp:dead_for",
        "the second way after; a silent phone keeps nobody waiting after": "response_context.hpp:hedge response_context.hpp:silence",
        "a way that hears nothing is the last for": "way_memory.hpp:deaf_for",
        "users of one search": "forwarding_search.hpp:users_max",
        "overload: interval; wait that begins it; that is stale; given up after": "overload_control.hpp:interval overload_control.hpp:wait_max overload_control.hpp:stale "
        "overload_control.hpp:given_up",
        "a report lasts; at most; is passed over within": "overload_guard.cpp:report_lasts overload_report.hpp:validity_max neighbour_loads.hpp:in_flight",
        "wrong answers of a user at once; one more every; of a proven one in a row": "guess_limit.hpp:user_burst guess_limit.hpp:user_interval guess_limit.hpp:proven_failures_max",
        "an address that answered wrongly is remembered; answers that wait": "guess_limit.hpp:failure_remembered guess_limit.hpp:waiting_max",
        "a challenge is answered within": "digest_offer.hpp:patience",
        "REGISTERs of one user that wait; octets of a Contact's features": "registrar.cpp:waiting_max register_check.cpp:features_max",
        "longest lifetime of a record": "registration.cpp:record_lifetime_max",
    },
}

# Durations in milliseconds.
UNITS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "KiB": 1024, "MiB": 1024 * 1024}
CHRONO = {"milliseconds": "ms", "seconds": "s", "minutes": "min", "hours": "h", "days": "d"}
OPERATORS = {ast.Mult: operator.mul, ast.Add: operator.add, ast.LShift: operator.lshift, ast.FloorDiv: operator.floordiv, ast.Sub: operator.sub}


def in_text(value: str) -> list[float]:
    """The numbers of a cell, in their order."""
    found = re.findall(r"(\d[\d,]*(?:\.\d+)?)(?: (ms|s|min|h|d|KiB|MiB)\b)?", value)
    return [float(number.replace(",", "")) * UNITS.get(unit, 1) for number, unit in found]


def reckoned(node: ast.AST, file: str) -> float:
    """`file`: where names of the expression stand, but for "settings().name", which the struct's own file has."""
    if isinstance(node, ast.Expression):
        return reckoned(node.body, file)
    if isinstance(node, ast.Name):
        return in_source(f"{file}:{node.id}")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
        return in_source(f"{defines(node.value.func.id)}:{node.attr}")
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value) if isinstance(node.value, float) else node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return float(OPERATORS[type(node.op)](int(reckoned(node.left, file)), int(reckoned(node.right, file))))
    raise ValueError(ast.dump(node))


def plain(expression: str) -> str:
    """Of C++, what Python reads as well."""
    text = expression.split("//")[0].replace("'", "")
    text = re.sub(r"\b(?:std::chrono::)?(\w+)[({](\d[\d* ]*)[)}]", lambda m: f"({m[2]}) * {UNITS[CHRONO[m[1]]]}" if m[1] in CHRONO else m[0], text)
    text = re.sub(r"\b(?:std::)?(?:size_t|uint64_t|uint32_t)[({](\d+)[)}]", r"\1", text)
    text = re.sub(r"\b(\d+)(ms|s|min|h)\b", lambda m: str(int(m[1]) * UNITS[m[2]]), text)
    return re.sub(r"\b(\d+)U?L{0,2}\b", r"\1", text).replace("/", "//").strip()


@cache
def source(path: str) -> str:
    return (ROOT / path).read_text()


@cache
def defines(struct: str) -> str:
    found = [path for path in (ROOT / "include").rglob("*.hpp") if re.search(rf"\bstruct {struct}\b", path.read_text())]
    if len(found) != 1:
        raise ValueError(f"{struct} is in {len(found)} places")
    return str(found[0].relative_to(ROOT))


def path_of(file: str) -> str:
    if "/" in file:
        return file
    found = [path for path in (ROOT / "src").rglob(file) if ROOT / "src/node" not in path.parents]
    if len(found) != 1:
        raise ValueError(f"{file} is in {len(found)} places")
    return str(found[0].relative_to(ROOT))


def in_source(place: str) -> float:
    """What a name stands for: "file:name", and "file:name=s" where it counts seconds and does not say so."""
    file, _, name = place.partition(":")
    name, _, unit = name.partition("=")
    found = re.search(rf"\b{name}(?:\s*=\s*|(?=\{{))([^;,]+?)\s*[;,]", source(path_of(file)))
    if found is None:
        raise ValueError(f"{place} is not there")
    expression = found[1]
    kind = re.search(rf"(milliseconds|seconds|minutes|hours) {name}\{{", source(path_of(file)))
    if expression.startswith("{"):
        expression = (kind[1] if kind else "") + expression
    return float(reckoned(ast.parse(plain(expression), mode="eval"), file)) * UNITS.get(unit, 1)
