"""A discord.py client that logs in, counts what it hears, and prints one line of JSON.

    .venv/bin/python client.py --api http://127.0.0.1:7700/api/v10 --gateway ws://127.0.0.1:7700 --until SIM_END

Messages are counted from discord.py's own on_message, so that its caches and parsers take part. The dispatch named by
--until ends the count. Without the package zstandard, discord.py asks for compress=zlib-stream.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter

import discord
import yarl

parser = argparse.ArgumentParser()
parser.add_argument("--api", required=True)
parser.add_argument("--gateway", required=True)
parser.add_argument("--token", default="any")
parser.add_argument("--until", default="SIM_END")
arguments = parser.parse_args()

discord.http.Route.BASE = arguments.api
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(arguments.gateway)

counted = {
    "client": "discord.py",
    "ready": 0,
    "resumed": 0,
    "guilds": 0,
    "messages": Counter(),
    "reactions_added": 0,
    "reactions_removed": 0,
    "members": 0,
    "joins": [],
    "departures": [],
    "bans": [],
    "entries": [],
    "invites": [],
    "errors": [],
}


class CountingClient(discord.Client):
    """Counts, and ends when the awaited dispatch is there."""

    async def on_socket_event_type(self, event_type: str) -> None:
        if event_type == "READY":
            counted["ready"] += 1
        elif event_type == "GUILD_CREATE":
            counted["guilds"] += 1
        elif event_type == "RESUMED":
            counted["resumed"] += 1
        elif event_type == arguments.until:
            counted["members"] = sum(len(guild.members) for guild in self.guilds)
            await self.close()

    async def on_message(self, message: discord.Message) -> None:
        if message.type in (discord.MessageType.default, discord.MessageType.reply):
            counted["messages"][str(message.guild.id)] += 1

    async def on_raw_reaction_add(self, _payload: discord.RawReactionActionEvent) -> None:
        counted["reactions_added"] += 1

    async def on_raw_reaction_remove(self, _payload: discord.RawReactionActionEvent) -> None:
        counted["reactions_removed"] += 1

    async def on_member_join(self, member: discord.Member) -> None:
        counted["joins"].append(str(member.id))

    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        counted["departures"].append(str(payload.user.id))

    async def on_member_ban(self, _guild: discord.Guild, user: discord.abc.User) -> None:
        counted["bans"].append(str(user.id))

    async def on_audit_log_entry_create(self, entry: discord.AuditLogEntry) -> None:
        counted["entries"].append(str(entry.id))

    async def on_invite_create(self, invite: discord.Invite) -> None:
        counted["invites"].append(invite.code)

    async def on_error(self, event: str, *_args: object, **_kwargs: object) -> None:
        counted["errors"].append(f"{event}: {sys.exc_info()[1]!r}")


async def main() -> None:
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.guild_reactions = intents.members = True
    intents.moderation = intents.invites = True
    async with CountingClient(intents=intents) as client:
        await client.start(arguments.token)
    print(json.dumps(counted), flush=True)


asyncio.run(main())
